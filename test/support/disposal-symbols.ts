/** Sets the disposal symbols where the engine has none, as `using` needs them that was compiled down. Imported first. */

// Writable for who sets them first, though their declarations say otherwise.
const symbols = Symbol as { dispose?: symbol; asyncDispose?: symbol };
if (symbols.dispose === undefined) symbols.dispose = Symbol.for('Symbol.dispose');
if (symbols.asyncDispose === undefined) symbols.asyncDispose = Symbol.for('Symbol.asyncDispose');
