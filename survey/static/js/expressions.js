// Evaluates expressions of questionnaires as the server does, from the form that it compiles them
// to: nested lists such as ["<", ["var", "age", "number"], ["number", "18"]]. The server decides;
// this only spares the way to it. Both pass the same vectors, in tests/survey/questionnaire.
//
// An environment is plain data: { values, missing, this, today, unit, position }. Numbers come as
// texts, "12.5" or "1/3", days as "2026-01-31", sets of codes as arrays, nothing as null.

const LIMIT = 10n ** 60n;
const LONGEST = 100_000;
const SHOWN_DECIMALS = 6;
const DIGITS = 15;
const LAST_DAY = 3_652_059; // 31 December 9999, where 1 January of year 1 is day 1
const SPACES =
  "\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009" +
  "\u200a\u2028\u2029\u202f\u205f\u3000";
const GRAPHEMES = new Intl.Segmenter("vi", { granularity: "grapheme" });

const magnitude = (value) => (value < 0n ? -value : value);

function divisor(left, right) {
  while (right) [left, right] = [right, left % right];
  return left;
}

// An exact number in lowest terms, its denominator above zero.
class Rational {
  constructor(top, bottom = 1n) {
    const common = divisor(magnitude(top), magnitude(bottom)) * (bottom < 0n ? -1n : 1n);
    this.top = top / common;
    this.bottom = bottom / common;
  }

  // Below zero, zero or above zero, as it is less than, equal to or greater than another.
  compare(other) {
    const difference = this.top * other.bottom - other.top * this.bottom;
    return difference < 0n ? -1 : Number(difference > 0n);
  }

  get floor() {
    const rest = this.top % this.bottom;
    return this.top / this.bottom - (rest < 0n ? 1n : 0n);
  }
}

// A day of the Gregorian calendar, counted from 1 January of year 1.
class Day {
  constructor(number) {
    this.number = number;
  }

  compare(other) {
    return Math.sign(this.number - other.number);
  }

  get parts() {
    const day = new Date((this.number - DAYS_BEFORE_1970) * 86_400_000);
    return [day.getUTCFullYear(), day.getUTCMonth() + 1, day.getUTCDate()];
  }
}

const DAYS_BEFORE_1970 = 719_163;

const whole = (value) => new Rational(BigInt(value));
const bounded = (number) =>
  magnitude(number.top) > LIMIT || number.bottom > LIMIT ? null : number;

function composed(text) {
  const found = text.normalize("NFC");
  return found.length > LONGEST && [...found].length > LONGEST ? null : found;
}

function decimal(text) {
  const [, sign, digits, rest = ""] = /^(-?)([0-9]+)(?:\.([0-9]+))?$/.exec(text);
  return new Rational(BigInt(sign + digits + rest), 10n ** BigInt(rest.length));
}

function numeric(text) {
  if (!/^-?[0-9]{1,15}(?:\.[0-9]{1,15})?$/.test(text)) return null;
  return text.replace(/[-.]/g, "").length > DIGITS ? null : decimal(text);
}

function dayOf(text) {
  const found = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/.exec(text);
  if (!found) return null;
  const [year, month, day] = found.slice(1).map(Number);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (year < 1 || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
  return new Day(date.getTime() / 86_400_000 + DAYS_BEFORE_1970);
}

function rounded(number, decimals) {
  const scale = 10n ** BigInt(decimals);
  const size = new Rational(magnitude(number.top) * scale * 2n + number.bottom, number.bottom * 2n);
  return new Rational(number.top < 0n ? -size.floor : size.floor, scale);
}

function written(number) {
  const scale = 10n ** BigInt(SHOWN_DECIMALS);
  const value = rounded(number, SHOWN_DECIMALS);
  const digits = String((magnitude(value.top) * scale) / value.bottom);
  const padded = digits.padStart(SHOWN_DECIMALS + 1, "0");
  const text = `${padded.slice(0, -SHOWN_DECIMALS)}.${padded.slice(-SHOWN_DECIMALS)}`;
  return (value.top < 0n ? "-" : "") + text.replace(/\.?0+$/, "");
}

function iso(day) {
  const [year, month, date] = day.parts.map((part) => String(part).padStart(2, "0"));
  return `${year.padStart(4, "0")}-${month}-${date}`;
}

// A value as a text shows it; nothing for an empty one.
export function textOf(value) {
  if (value === null) return "";
  if (value instanceof Rational) return written(value);
  if (value instanceof Day) return iso(value);
  return Array.isArray(value) ? value.map(textOf).join(", ") : String(value);
}

// A value as plain data, in the same shape in which environments take values.
export function plain(value) {
  if (value instanceof Rational) {
    return value.bottom === 1n ? String(value.top) : `${value.top}/${value.bottom}`;
  }
  if (value instanceof Day) return iso(value);
  return Array.isArray(value) ? value.map(plain) : value;
}

function readNumber(value) {
  if (typeof value !== "string") return null;
  if (/^-?[0-9]{1,80}(?:\.[0-9]{1,80})?$/.test(value)) return bounded(decimal(value));
  const found = /^(-?[0-9]{1,80})\/([0-9]{1,80})$/.exec(value);
  if (!found || !BigInt(found[2])) return null;
  return bounded(new Rational(BigInt(found[1]), BigInt(found[2])));
}

const isText = (value) => typeof value === "string";

// What an environment gives, as a value of its type; what is of another type is empty.
const READ = {
  boolean: (value) => (typeof value === "boolean" ? value : null),
  number: readNumber,
  text: (value) => (isText(value) ? composed(value) : null),
  date: (value) => (isText(value) ? dayOf(value) : null),
  choice: (value) => (isText(value) && value ? value : null),
  choices: (value) => (Array.isArray(value) && value.length ? value : null),
};

function given(record, name) {
  return record && Object.hasOwn(record, name) ? record[name] : null;
}

const STEPS = {
  "+": (a, b) => new Rational(a.top * b.bottom + b.top * a.bottom, a.bottom * b.bottom),
  "-": (a, b) => new Rational(a.top * b.bottom - b.top * a.bottom, a.bottom * b.bottom),
  "*": (a, b) => new Rational(a.top * b.top, a.bottom * b.bottom),
  "/": (a, b) => (b.top ? new Rational(a.top * b.bottom, a.bottom * b.top) : null),
  mod: (a, b) => {
    if (!b.top) return null;
    const times = new Rational(STEPS["/"](a, b).floor);
    return STEPS["-"](a, STEPS["*"](b, times));
  },
};

function step(sign, left, right) {
  if (left === null || right === null) return null;
  const found = STEPS[sign](left, right);
  return found && bounded(found);
}

function order(left, right) {
  if (left instanceof Rational || left instanceof Day) return left.compare(right);
  return left === right ? 0 : 1;
}

const COMPARED = {
  "=": (sign) => sign === 0,
  "!=": (sign) => sign !== 0,
  "<": (sign) => sign < 0,
  "<=": (sign) => sign <= 0,
  ">": (sign) => sign > 0,
  ">=": (sign) => sign >= 0,
};

const filled = (values) => values.filter((value) => value !== null);
const sum = (values) =>
  filled(values).reduce((total, value) => step("+", total, value), whole(0));
const first = (values, sign) =>
  filled(values).reduce(
    (found, value) => (found === null || value.compare(found) === sign ? value : found),
    null,
  );

function fullYears(start, end) {
  const [from, to] = [start.parts, end.parts];
  const isShort = to[1] < from[1] || (to[1] === from[1] && to[2] < from[2]);
  return to[0] - from[0] - Number(isShort);
}

function addDays(day, days) {
  const number = BigInt(day.number) + days.top;
  if (days.bottom !== 1n || number < 1n || number > BigInt(LAST_DAY)) return null;
  return new Day(Number(number));
}

function trim(text) {
  let [start, end] = [0, text.length];
  while (start < end && SPACES.includes(text[start])) start += 1;
  while (end > start && SPACES.includes(text[end - 1])) end -= 1;
  return text.slice(start, end);
}

// The letters of Vietnamese and its neighbours; of others, versions of Unicode disagree.
const LATIN = /[\u0000-\u017f\u01a0\u01a1\u01af\u01b0\u1e00-\u1eff]/;

function mapped(text, change) {
  const letters = [...text].map((letter) => {
    const changed = LATIN.test(letter) ? change(letter) : letter;
    return [...changed].length === 1 ? changed : letter;
  });
  return composed(letters.join(""));
}

// Functions that are empty as soon as an argument is; those that tell something are then false.
const STRICT = {
  number: numeric,
  abs: (value) => new Rational(magnitude(value.top), value.bottom),
  floor: (value) => new Rational(value.floor),
  ceil: (value) => new Rational(-new Rational(-value.top, value.bottom).floor),
  int: (value) => new Rational(value.top / value.bottom),
  round: (value, decimals = whole(0)) => bounded(rounded(value, decimals.top)),
  count_selected: (codes) => whole(codes.length),
  concat: (...values) => composed(values.map(textOf).join("")),
  text: (value) => composed(textOf(value)),
  length: (text) => whole([...GRAPHEMES.segment(text.normalize("NFC"))].length),
  lower: (text) => mapped(text, (letter) => letter.toLowerCase()),
  upper: (text) => mapped(text, (letter) => letter.toUpperCase()),
  trim,
  date: dayOf,
  year: (day) => whole(day.parts[0]),
  month: (day) => whole(day.parts[1]),
  day: (day) => whole(day.parts[2]),
  weekday: (day) => whole(((day.number - 1) % 7) + 1),
  days_between: (start, end) => whole(end.number - start.number),
  years_between: (start, end) =>
    whole(end.number < start.number ? -fullYears(end, start) : fullYears(start, end)),
  add_days: addDays,
};

const TELLING = {
  selected: (codes, code) => codes.includes(code),
  contains: (text, part) => text.includes(part),
  starts_with: (text, part) => text.startsWith(part),
  ends_with: (text, part) => text.endsWith(part),
};

const TAKING_EMPTY = {
  if: (condition, then, otherwise) => (condition === true ? then : otherwise),
  coalesce: (...values) => values.find((value) => value !== null) ?? null,
  answered: (value) => value !== null,
  count: (values) => whole(filled(values).length),
  sum,
  mean: (values) => step("/", sum(values), whole(filled(values).length)),
  min: (values) => first(values, -1),
  max: (values) => first(values, 1),
  any_is: (codes, code) => code !== null && codes.includes(code),
  all_are: (codes, code) =>
    filled(codes).length > 0 && filled(codes).every((value) => value === code),
  count_is: (codes, code) => whole(filled(codes).filter((value) => value === code).length),
};

const OF_ENVIRONMENT = {
  missing: (environment, name, reason) => given(environment.missing, name) === reason,
  today: (environment) => dayOf(environment.today ?? "0001-01-01"),
  unit: (environment) => environment.unit || null,
  position: (environment) => (environment.position ? whole(environment.position) : null),
};

export const FUNCTIONS = Object.keys({
  ...STRICT,
  ...TELLING,
  ...TAKING_EMPTY,
  ...OF_ENVIRONMENT,
});

function call(environment, name, ...forms) {
  const values = forms.map((form) => value(form, environment));
  if (Object.hasOwn(OF_ENVIRONMENT, name)) return OF_ENVIRONMENT[name](environment, ...values);
  if (Object.hasOwn(TAKING_EMPTY, name)) return TAKING_EMPTY[name](...values);
  const isTelling = Object.hasOwn(TELLING, name);
  if (values.includes(null)) return isTelling ? false : null;
  return isTelling ? TELLING[name](...values) : STRICT[name](...values);
}

function chain(environment, start, ...rest) {
  let found = value(start, environment);
  for (let at = 0; at < rest.length; at += 2) {
    found = step(rest[at], found, value(rest[at + 1], environment));
  }
  return found;
}

function isAmong(environment, form, ...forms) {
  const found = value(form, environment);
  if (found === null) return false;
  return forms.some((item) => {
    const other = value(item, environment);
    return other !== null && order(found, other) === 0;
  });
}

function list(environment, ...forms) {
  return forms.flatMap((form) => {
    const found = value(form, environment);
    return form[0] === "all" ? found : [found];
  });
}

function all(environment, name, type) {
  const found = given(environment.values, name);
  return Array.isArray(found) ? found.map(READ[type]) : [];
}

function compared(sign, environment, left, right) {
  const [one, other] = [value(left, environment), value(right, environment)];
  return one !== null && other !== null && COMPARED[sign](order(one, other));
}

const isTrue = (environment) => (form) => value(form, environment) === true;

const KINDS = {
  number: (_, text) => readNumber(text),
  text: (_, text) => text,
  boolean: (_, truth) => truth,
  var: (environment, name, type) => READ[type](given(environment.values, name)),
  this: (environment, type) => READ[type](environment.this ?? null),
  all,
  list,
  in: isAmong,
  and: (environment, ...forms) => forms.every(isTrue(environment)),
  or: (environment, ...forms) => forms.some(isTrue(environment)),
  not: (environment, form) => !isTrue(environment)(form),
  negative: (environment, form) => step("-", whole(0), value(form, environment)),
  chain,
  call,
};

function value([kind, ...parts], environment) {
  if (Object.hasOwn(COMPARED, kind)) return compared(kind, environment, ...parts);
  return KINDS[kind](environment, ...parts);
}

// The value of a compiled expression in an environment.
export function evaluate(form, environment) {
  return value(form, environment);
}
