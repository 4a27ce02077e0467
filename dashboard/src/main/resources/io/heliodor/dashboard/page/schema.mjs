// @ts-check
// The part of JSON Schema that the contract of a socket has: an example of a payload, and the problems of one.

/**
 * @typedef {object} Schema
 * @property {string | string[]} [type]
 * @property {string} [format]
 * @property {string} [contentEncoding]
 * @property {string[]} [enum]
 * @property {Record<string, Schema>} [properties]
 * @property {string[]} [required]
 * @property {Schema} [additionalProperties]
 * @property {Schema} [items]
 * @property {boolean} [uniqueItems]
 * @property {Schema[]} [anyOf]
 * @property {Schema[]} [oneOf]
 * @property {Schema[]} [allOf]
 * @property {string} [$ref]
 */

/** @typedef {Record<string, Schema>} Types the schemas with names */

const REF = "#/types/";
const MAX_PROBLEMS = 5;

const TEXTS = {
  "date-time": "2026-01-31T12:00:00Z",
  date: "2026-01-31",
  uuid: "00000000-0000-4000-8000-000000000000",
};

const FORMATS = {
  "date-time": [/^[+-]?\d{4,}-\d\d-\d\dT\d\d:\d\d/, "a date with a time, such as 2026-01-31T12:00:00Z"],
  date: [/^[+-]?\d{4,}-\d\d-\d\d$/, "a date, such as 2026-01-31"],
  uuid: [/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i, "a UUID"],
};

/** Whether a payload is bytes, which are no JSON. */
export const isBinary = schema => schema.format === "binary";

const isObject = value => typeof value === "object" && value !== null && !Array.isArray(value);
const has = (object, name) => Object.hasOwn(object, name);

/** @param {Schema} schema @param {Types} types @returns {Schema | undefined} */
function target(schema, types) {
  const name = schema.$ref?.slice(REF.length);
  return name !== undefined && has(types, name) ? types[name] : undefined;
}

/** The types of a schema as names. @param {Schema} schema @returns {string[]} */
const names = schema => (schema.type === undefined ? [] : [schema.type].flat());

// A type within itself has no example; the part around it that may be empty, absent or null is.
const NONE = Symbol("no example");

/**
 * A value of a schema, with its optional properties.
 *
 * @param {Schema} schema
 * @param {Types} types
 */
export function example(schema, types) {
  const value = valueOf(schema, types, []);
  return value === NONE ? {} : value;
}

/** @param {Schema} schema @param {Types} types @param {string[]} within the types around it @returns {any} */
function valueOf(schema, types, within) {
  if (schema.$ref !== undefined) {
    const named = target(schema, types);
    if (named === undefined || within.includes(schema.$ref)) return NONE;
    return valueOf(named, types, [...within, schema.$ref]);
  }
  if (schema.enum !== undefined) return schema.enum[0];
  const cases = schema.oneOf ?? schema.anyOf;
  if (cases !== undefined) return cases.map(each => valueOf(each, types, within)).find(each => each !== NONE) ?? null;
  if (schema.allOf !== undefined) {
    const parts = schema.allOf.map(each => valueOf(each, types, within));
    return parts.includes(NONE) ? NONE : Object.assign({}, ...parts);
  }
  switch (names(schema)[0]) {
    case "string":
      return schema.contentEncoding === undefined ? (TEXTS[schema.format ?? ""] ?? "text") : "";
    case "integer":
    case "number":
      return 1;
    case "boolean":
      return true;
    case "null":
      return null;
    case "array": {
      const item = valueOf(schema.items ?? {}, types, within);
      return item === NONE ? [] : [item];
    }
    case "object":
      return objectOf(schema, types, within);
    default:
      return {};
  }
}

function objectOf(schema, types, within) {
  const values = [];
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const value = valueOf(property, types, within);
    if (value !== NONE) values.push([name, value]);
    else if (schema.required?.includes(name)) return NONE;
  }
  if (schema.additionalProperties !== undefined) {
    const value = valueOf(schema.additionalProperties, types, within);
    if (value !== NONE) values.push(["key", value]);
  }
  return Object.fromEntries(values);
}

/**
 * The reasons for which a value is not of a schema, each with its place; none if it is.
 *
 * @param {any} value parsed JSON
 * @param {Schema} schema
 * @param {Types} types
 * @returns {string[]}
 */
export function problems(value, schema, types) {
  return [...find(value, schema, types, "")].slice(0, MAX_PROBLEMS);
}

const problem = (at, text) => `${at === "" ? "The payload" : at} ${text}`;
const inside = (at, name) => (/^[A-Za-z_]\w*$/.test(name) ? `${at}${at === "" ? "" : "."}${name}` : `${at}[${JSON.stringify(name)}]`);

/** @returns {string[]} */
function find(value, schema, types, at) {
  if (typeof value === "number" && (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value)))) {
    return [problem(at, "is a number that a page cannot send exactly")];
  }
  if (schema.$ref !== undefined) return find(value, target(schema, types) ?? {}, types, at);
  if (schema.allOf !== undefined) return schema.allOf.flatMap(each => find(value, each, types, at));
  const cases = schema.oneOf ?? schema.anyOf;
  if (cases !== undefined) return ofCases(value, cases, types, at);
  if (schema.enum !== undefined) {
    return schema.enum.includes(value) ? [] : [problem(at, `must be ${schema.enum.map(each => JSON.stringify(each)).join(" or ")}`)];
  }
  const allowed = names(schema);
  if (allowed.length === 0) return inner(value, {}, types, at);
  if (!allowed.some(name => isOf(value, name))) return [problem(at, `must be ${allowed.map(article).join(" or ")}`)];
  return inner(value, schema, types, at);
}

function isOf(value, name) {
  switch (name) {
    case "null":
      return value === null;
    case "array":
      return Array.isArray(value);
    case "object":
      return isObject(value);
    case "integer":
      return Number.isInteger(value);
    default:
      return typeof value === name;
  }
}

const article = name => (name === "null" ? name : `${/^[aio]/.test(name) ? "an" : "a"} ${name}`);

/** The problems of a value whose type is right. */
function inner(value, schema, types, at) {
  if (typeof value === "string") {
    const [pattern, text] = FORMATS[schema.format] ?? [];
    return pattern === undefined || pattern.test(value) ? [] : [problem(at, `must be ${text}`)];
  }
  if (schema.format === "int32" && value !== null && (value < -(2 ** 31) || value >= 2 ** 31)) {
    return [problem(at, "must be an integer of 32 bits")];
  }
  if (Array.isArray(value)) {
    const items = value.flatMap((each, i) => find(each, schema.items ?? {}, types, `${at}[${i}]`));
    const different = new Set(value.map(each => JSON.stringify(each))).size === value.length;
    return schema.uniqueItems && !different ? [...items, problem(at, "must have different elements")] : items;
  }
  if (!isObject(value)) return [];
  const missing = (schema.required ?? []).filter(name => !has(value, name)).map(name => problem(inside(at, name), "is missing"));
  const properties = schema.properties ?? {};
  const wrong = Object.entries(value).flatMap(([name, each]) =>
    find(each, has(properties, name) ? properties[name] : (schema.additionalProperties ?? {}), types, inside(at, name)),
  );
  return [...missing, ...wrong];
}

/** The problems of a value that may have one of several forms: those of the form that it names, or of the nearest one. */
function ofCases(value, cases, types, at) {
  const found = cases.map(each => find(value, each, types, at));
  if (found.some(each => each.length === 0)) return [];
  if (cases.length === 2 && cases[1].type === "null") return found[0];
  const tags = cases.map(each => tag(each, types));
  const named = tags.findIndex(each => each !== undefined && isObject(value) && value[each.property] === each.value);
  if (named >= 0) return found[named];
  if (isObject(value) && tags.every(each => each !== undefined && each.property === tags[0]?.property)) {
    const values = tags.map(each => JSON.stringify(each?.value)).join(" or ");
    return [problem(inside(at, tags[0]?.property), `must be ${values}`)];
  }
  return found.reduce((least, each) => (each.length < least.length ? each : least));
}

/** The property that names a form, and its value. @param {Schema} schema @param {Types} types */
function tag(schema, types) {
  const first = (target(schema, types) ?? schema).allOf?.[0];
  const [property, named] = Object.entries(first?.properties ?? {})[0] ?? [];
  return property !== undefined && named?.enum?.length === 1 ? { property, value: named.enum[0] } : undefined;
}
