const COMMON = new Set(
  "a after an and are as at be before by can do does for from how i if in is it my of on or per the there to what when where which who why with".split(" "),
);

/** How the search box reads a question: without the words that are in each section, and with typing errors in long words only. */
export const searchOptions = {
  processTerm: term => !COMMON.has(term.toLowerCase()) && term.toLowerCase(),
  prefix: term => term.length > 2,
  fuzzy: term => term.length > 5 && 0.2,
  boost: { title: 4, text: 2, titles: 2 },
};
