/** The reason to skip a test that takes long, in the short size of the tests; false in the other sizes. */
export const long = process.env.HELIODOR_TESTS === "short" && "a test of ./heliodor test --all";

/** The reason to skip a test that runs in the long size only; false there. */
export const notLong = process.env.HELIODOR_TESTS !== "long" && "a test of ./heliodor test --long";
