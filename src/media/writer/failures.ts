/** Errors of the writer's, by the platform's names. */

/** The data cannot come here, or now. */
export const dataError = (message: string): DOMException => new DOMException(message, 'DataError');
