// How <train-ground> looks: the page's font and ink, and five custom properties with defaults that are read on light and on dark ground.
export const style = `
:host { display: block; max-width: 30em; color: var(--trainground-ink, inherit); background: var(--trainground-paper, transparent);
  --accent: var(--trainground-accent, #0072b2); --held: var(--trainground-held, #d55e00);
  --line: var(--trainground-line, color-mix(in srgb, currentColor 30%, transparent)); }
:host([hidden]) { display: none; }
p { margin: 0.4em 0; }
#row { display: flex; gap: 0.8em; align-items: center; flex-wrap: wrap; }
button { font: inherit; min-height: 2.4em; padding: 0.3em 1.1em; border: 0; border-radius: 6px; background: var(--accent); color: #fff; cursor: pointer; }
button.quiet { background: none; color: inherit; border: 1px solid var(--line); }
button:disabled { opacity: 0.5; cursor: default; }
:is(button, input, canvas):focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
progress { flex: 1; min-width: 5em; accent-color: var(--accent); }
strong { font-size: 1.8em; font-variant-numeric: tabular-nums; }
svg { display: block; width: 100%; border-bottom: 1px solid var(--line); border-left: 1px solid var(--line); }
polyline { fill: none; stroke-width: 2; vector-effect: non-scaling-stroke; }
#learned { stroke: var(--accent); }
#held { stroke: var(--held); stroke-dasharray: 5 4; }
#try { display: flex; gap: 1em; flex-wrap: wrap; margin-top: 0.8em; }
canvas { width: 9em; height: 9em; background: #fff; border: 1px solid var(--line); border-radius: 6px; touch-action: none; cursor: crosshair; }
label { display: block; margin: 0.2em 0; }
label input { font: inherit; width: 6em; }
ol { flex: 1; min-width: 9em; margin: 0; padding: 0; list-style: none; }
li { display: grid; grid-template-columns: 1fr 5em 3.5em; gap: 0.5em; align-items: center; }
li b { height: 0.7em; background: var(--accent); border-radius: 2px; min-width: 1px; }
li span:last-child { text-align: right; font-variant-numeric: tabular-nums; }
#problem { border-left: 3px solid var(--held); padding-left: 0.6em; white-space: pre-line; }
`;
