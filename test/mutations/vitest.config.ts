/** The suites that are to notice planted faults: those of every day, and those of all engines in Chromium. */
import { defineConfig } from 'vitest/config';
import { engineProjects } from '../support/engine-projects.ts';
import everyDay from '../vitest.config.ts';

const { projects = [], ...shared } = everyDay.test ?? {};

export default defineConfig({ test: { ...shared, projects: [...projects, ...engineProjects()] } });
