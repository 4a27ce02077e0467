type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles if and only if the value has exactly the type. */
export declare function exactly<Expected>(): <Actual>(value: Actual, ...equal: Equal<Actual, Expected> extends true ? [] : [never]) => void;
