/** Polyfill of the disposal symbols, which down-levelled `using` needs. Imported first. */

// Writable for the first module that sets them, although their declarations are read-only.
const symbols = Symbol as { dispose?: symbol; asyncDispose?: symbol };
if (symbols.dispose === undefined) symbols.dispose = Symbol.for('Symbol.dispose');
if (symbols.asyncDispose === undefined) symbols.asyncDispose = Symbol.for('Symbol.asyncDispose');
