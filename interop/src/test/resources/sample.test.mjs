import assert from "node:assert/strict";
import { before, describe, test } from "node:test";

describe("a suite", () => {
  test("passes", () => {});
  test("fails", () => assert.equal(1, 2));
  test("is skipped", { skip: "as it takes long" }, () => {});
});

describe("a suite without its server", () => {
  before(() => {
    throw new Error("no server");
  });
  test("is not run", () => {});
});

test("passes alone", () => {});
