/**
 * A module as TypeScript writes CommonJS, as the ECMAScript module that it was. The bundler leaves out what nobody uses of
 * such a one, and puts the rest beside our own code; a CommonJS module stays whole, behind a function that the compiler
 * reads twice.
 *
 * @throws Error when something is left that it does not know
 */
export function asEcmaScript(source: string, name: string): string {
  const changing = [...source.matchAll(/^ +exports\.(\w+) = /gm)].map(([, variable = '']) => variable);
  const text = source
    .replace(/^"use strict";\n/, '')
    .replace(/^Object\.defineProperty\(exports, "__esModule".*\n/m, '')
    .replace(/^(?:exports\.\w+ = )+void 0;\n/gm, '')
    // enum
    .replace(
      /^var (\w+);\n\(function \(\1\) \{\n([\s\S]*?)^\}\)\(\1 = exports\.\1 \|\| \(exports\.\1 = \{\}\)\);$/gm,
      'export var $1 = /* @__PURE__ */ (function ($1) {\n$2return $1;\n})({});',
    )
    // class
    .replace(/\/\*\* @class \*\/ \(function/g, '/* @__PURE__ */ (function')
    .replace(/^\}(\((?:\w+)?\))\);$/gm, '})$1;')
    .replace(/^var (\w+) = require\(["'](\.\/(?!lib-resource).+?)["']\);$/gm, 'import * as $1 from "$2";')
    // What it takes from elsewhere, and what costs something to look at, goes where nothing uses it.
    .replace(/^var (\w+) = (require\(["'][^"']+["']\));$/gm, 'var $1 = /* @__PURE__ */ $2;')
    .replace(/^var (\w+) = (process\.std\w+);$/gm, 'var $1 = /* @__PURE__ */ (() => $2)();')
    .replace(/^exports\.(\w+) = \1;$/gm, 'export { $1 };')
    .replace(/^exports\.(\w+) = (\w+\.\w+);$/gm, 'export var $1 = $2;')
    .replace(/^exports\.(\w+) = \{\};$/gm, 'export var $1 = {};')
    .replace(/\(0, exports\.(\w+)\)/g, '$1')
    .replace(/\bexports\.(\w+)\b/g, '$1');
  const declared = changing
    .filter(variable => !new RegExp(`^export var ${variable}\\b`, 'm').test(text))
    .map(variable => `export var ${variable};\n`);
  if (/\bexports\b/.test(text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')))
    throw new Error(`${name} is not written as TypeScript writes CommonJS.`);
  return [...new Set(declared)].join('') + text;
}
