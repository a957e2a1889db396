/** Part of what the host hands over: names and colors of its light and dark theme, and colors of high contrast. */
export const themes = {
  light: {
    'palette-primary': '0, 120, 212',
    'palette-neutral-0': '255, 255, 255',
    'palette-neutral-2': '248, 248, 248',
    'palette-neutral-10': '218, 218, 218',
    'palette-neutral-100': '0, 0, 0',
    'background-color': 'rgba(255, 255, 255, 1)',
    'text-primary-color': 'rgba(0, 0, 0, 0.9)',
    'text-secondary-color': 'rgba(0, 0, 0, 0.55)',
    'communication-background': 'rgba(0, 120, 212, 1)',
    'communication-foreground': 'rgba(0, 90, 158, 1)',
  },
  dark: {
    'palette-primary': '0, 120, 212',
    'palette-neutral-0': '32, 31, 30',
    'palette-neutral-2': '41, 40, 39',
    'palette-neutral-10': '72, 70, 68',
    'palette-neutral-100': '255, 255, 255',
    'background-color': 'rgba(32, 31, 30, 1)',
    'text-primary-color': 'rgba(255, 255, 255, 1)',
    'text-secondary-color': 'rgba(255, 255, 255, 0.75)',
    'communication-background': 'rgba(0, 120, 212, 1)',
    'communication-foreground': 'rgba(108, 184, 246, 1)',
  },
  contrast: {
    'palette-primary': '255, 255, 0',
    'palette-neutral-0': '0, 0, 0',
    'palette-neutral-2': '0, 0, 0',
    'palette-neutral-10': '255, 255, 255',
    'palette-neutral-100': '255, 255, 255',
    'background-color': 'rgba(0, 0, 0, 1)',
    'text-primary-color': 'rgba(255, 255, 255, 1)',
    'text-secondary-color': 'rgba(255, 255, 255, 1)',
    'communication-background': 'rgba(255, 255, 0, 1)',
    'communication-foreground': 'rgba(255, 255, 0, 1)',
  },
} as const satisfies Record<string, Record<string, string>>;

export type ThemeName = keyof typeof themes;
