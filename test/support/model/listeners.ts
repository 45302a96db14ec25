/** Listeners of notices and aborts that call the library while they are called. */
import type { BudgetModel } from './budget-model.ts';
import type { Choice } from './choosing.ts';
import { oneOf } from './choosing.ts';
import { nameOf } from './model-loan.ts';
import { MOVES } from './moves.ts';
import type { Player } from './players.ts';
import type { World } from './world.ts';
import { THROWN } from './world.ts';

const INSIDE = [
  'nothing',
  'throw',
  'take',
  'release',
  'remove',
  'decommit',
  'configure',
  'ask',
  'forget',
  'abort',
] as const;

/** Maximum number of calls in which a listener acts. Without a limit the notices would never end. */
const MOST = 3;

/** Registers a listener that acts while it is called, or removes the current listener. */
export function listenerMove(world: World, player: Player, pick: number, how: number): string {
  const { pool, model, name } = player;
  if (how % 4 === 0) {
    pool.setListener(null);
    model.isListening = false;
    return `${name}: nobody listens`;
  }
  const inside = oneOf(INSIDE, pick);
  let left = MOST;
  pool.setListener((notice) => {
    world.notice(player, notice);
    if (left-- > 0) act(world, player, inside, { pool: world.players.indexOf(player), pick, how });
  });
  model.isListening = model.state !== 'closed';
  return `${name}: a listener that does: ${inside}`;
}

function act(world: World, player: Player, inside: (typeof INSIDE)[number], choice: Choice): void {
  if (inside === 'nothing') return;
  if (inside === 'throw') throw new Error(THROWN);
  if (inside === 'remove') {
    player.pool.setListener(null);
    player.model.isListening = false;
    return;
  }
  const done = MOVES[inside]?.(world, choice) ?? null;
  if (done !== null) world.log.push(`  inside: ${done}`);
}

/** Actions of a listener when a signal fires. If it fires another signal, that one may have a listener, too. */
const ABORT_MOVES = ['release', 'fulfil', 'take', 'ask', 'copyFrom', 'adopt', 'abort'] as const;

/** A listener of the program is called before the listeners of the pools, so the aborted waiters are still in their queues. */
export function abortMove(world: World, signal: AbortSignal, choice: Choice): void {
  const move = oneOf(ABORT_MOVES, choice.pick);
  const onAbort = (): void => {
    const done = MOVES[move]?.(world, choice) ?? null;
    if (done !== null) world.log.push(`  whose abort listener ran first: ${done}`);
  };
  signal.addEventListener('abort', () => world.guard(onAbort));
}

/** Removes the waiters of this signal in all pools, and serves other waiters that have room now. */
export function abortModels(world: World, signal: AbortSignal): void {
  for (const budget of budgetsOf(world)) budget.dismiss(signal, nameOf(signal.reason));
  serveAll(world);
}

function serveAll(world: World): void {
  for (const budget of budgetsOf(world)) budget.serve();
}

const budgetsOf = ({ players }: World): Set<BudgetModel> =>
  new Set(players.map(({ model }) => model.character.budget));
