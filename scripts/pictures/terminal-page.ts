import type { PictureTheme } from './picture-theme.js';

const COLORS: Readonly<Record<PictureTheme, Readonly<Record<string, string>>>> = {
  light: {
    around: '#ffffff',
    page: '#ffffff',
    bar: '#f0f2f5',
    line: '#d5d9de',
    text: '#1f2328',
    dim: '#656d76',
    31: '#b3261e',
    32: '#1a7f37',
    33: '#8a5a00',
    36: '#0b6e84',
    prompt: '#0b5cad',
  },
  dark: {
    // GitHub's own.
    around: '#0d1117',
    page: '#15191f',
    bar: '#20262e',
    line: '#343c46',
    text: '#e6edf3',
    dim: '#8f9aa6',
    31: '#ff8e86',
    32: '#5fd07a',
    33: '#f0b429',
    36: '#63d3e6',
    prompt: '#7ab8ff',
  },
};

/**
 * A page that shows a terminal of so many columns with what a command printed.
 *
 * @param command as a person types it
 * @param output with the codes for colors that the program wrote
 */
export function terminalPage(command: string, output: string, theme: PictureTheme, columns: number): string {
  const colors = COLORS[theme];
  return `<!doctype html><meta charset="utf-8"><style>
    body { margin: 0; display: inline-block; background: ${colors['around'] ?? ''}; }
    .window { background: ${colors['page'] ?? ''}; border: 1px solid ${colors['line'] ?? ''}; border-radius: 8px; overflow: hidden; }
    .bar { display: flex; gap: 7px; padding: 11px 14px; background: ${colors['bar'] ?? ''}; border-bottom: 1px solid ${colors['line'] ?? ''}; }
    .bar i { width: 11px; height: 11px; border-radius: 50%; background: ${colors['line'] ?? ''}; }
    pre { margin: 0; padding: 14px 20px 18px; width: ${columns}ch; color: ${colors['text'] ?? ''};
      font: 13px/1.42 'Cascadia Mono', 'DejaVu Sans Mono', Menlo, monospace; white-space: pre-wrap; word-break: break-all; }
    b { font-weight: 700; }
    .prompt { color: ${colors['prompt'] ?? ''}; font-weight: 700; }
  </style><div class="window"><div class="bar"><i></i><i></i><i></i></div><pre><span class="prompt">$</span> ${escaped(command)}
${colored(output, colors)}</pre></div>`;
}

/** The few codes that our programs write: bold, dim, a color, and what ends each. */
function colored(text: string, colors: Readonly<Record<string, string>>): string {
  let bold = false;
  let color: string | undefined;
  return text
    .replace(/\n+$/, '')
    .split(CODE)
    .map((part, index) => {
      if (index % 2 === 0) {
        const style = `${bold ? 'font-weight:700;' : ''}${color === undefined ? '' : `color:${color}`}`;
        return part === '' ? '' : `<span style="${style}">${escaped(part)}</span>`;
      }
      if (part === '1') bold = true;
      else if (part === '22') [bold, color] = [false, undefined];
      else color = part === '39' ? undefined : colors[part === '2' ? 'dim' : part];
      return '';
    })
    .join('');
}

// eslint-disable-next-line no-control-regex -- this is what a program writes to color a text
const CODE = /\u001b\[(\d+)m/;

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
