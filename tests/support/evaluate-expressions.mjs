// Reads [[form, environment], …] and writes { functions, values }: the browser's side of a test.
import { readFileSync } from "node:fs";

import { evaluate, FUNCTIONS, plain } from "../../survey/static/js/expressions.js";

const cases = JSON.parse(readFileSync(0, "utf-8"));
const values = cases.map(([form, environment]) => plain(evaluate(form, environment)));
process.stdout.write(JSON.stringify({ functions: FUNCTIONS, values }));
