/** The disposal symbols, also where the engine has none. */

declare global {
  interface SymbolConstructor {
    /** Declared here so that `using` type-checks for apps whose `lib` is es2022. */
    readonly dispose: unique symbol;
    /** Declared here so that `await using` type-checks for apps whose `lib` is es2022. */
    readonly asyncDispose: unique symbol;
  }
}

// Importing must change nothing in the page, so a missing symbol is not set on Symbol. Symbol.for() is what an app
// that compiles `using` down in such an engine can set it to, before or after this import. The casts are such an
// engine's: where the symbol exists they say nothing new.
/** `Symbol.dispose`, or what stands for it in an engine without. */
export const dispose: typeof Symbol.dispose = (Symbol.dispose ??
  Symbol.for('Symbol.dispose')) as typeof Symbol.dispose;

/** `Symbol.asyncDispose`, or what stands for it in an engine without. */
export const asyncDispose: typeof Symbol.asyncDispose = (Symbol.asyncDispose ??
  Symbol.for('Symbol.asyncDispose')) as typeof Symbol.asyncDispose;
