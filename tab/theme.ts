/**
 * Tells the style sheet whether the host's theme is light or dark. The host hands over its colors only, and lets people
 * choose among several themes; the colors of states need a contrast to each of them.
 */
export function followTheme(): void {
  window.addEventListener('themeApplied', applyTheme);
  applyTheme();
}

function applyTheme(): void {
  const { backgroundColor } = getComputedStyle(document.body);
  document.documentElement.dataset['theme'] = isDark(backgroundColor) ? 'dark' : 'light';
}

/** By the luma of the color; a color that cannot be read, or is transparent, counts as light. */
function isDark(color: string): boolean {
  const [red, green, blue, alpha = 1] = (color.match(/[\d.]+/g) ?? []).map(Number);
  if (red === undefined || green === undefined || blue === undefined || alpha === 0) return false;
  return 0.299 * red + 0.587 * green + 0.114 * blue < 128;
}
