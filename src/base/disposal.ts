/** The disposal symbols, with substitutes for engines that lack them. */

declare global {
  interface SymbolConstructor {
    /** Declared here so that `using` type-checks for apps whose `lib` is es2022. */
    readonly dispose: unique symbol;
    /** Declared here so that `await using` type-checks for apps whose `lib` is es2022. */
    readonly asyncDispose: unique symbol;
  }
}

// An import must not change the page, so a missing symbol is not defined on Symbol. Apps that compile `using` down for such an
// engine can set it to the same Symbol.for(), before or after this import. The casts are for engines without the symbols.
/** `Symbol.dispose`, or its substitute in engines without it. */
export const dispose: typeof Symbol.dispose = (Symbol.dispose ??
  Symbol.for('Symbol.dispose')) as typeof Symbol.dispose;

/** `Symbol.asyncDispose`, or its substitute in engines without it. */
export const asyncDispose: typeof Symbol.asyncDispose = (Symbol.asyncDispose ??
  Symbol.for('Symbol.asyncDispose')) as typeof Symbol.asyncDispose;
