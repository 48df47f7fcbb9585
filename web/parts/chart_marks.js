/** What is drawn over the curves: tail, guessing, best epoch, patience, events, names at the ends. All in canvas pixels. */
const ratio = () => devicePixelRatio || 1;

function pen(plot, paint) {
  const { ctx } = plot;
  ctx.save();
  paint(ctx, ratio());
  ctx.restore();
}

const font = (colour, weight = 400) => `${weight} ${11 * ratio()}px ${colour('--font')}`;

/** Text with a halo of the paper, so that lines under it do not cross it. */
function write(ctx, colour, text, x, y, { ink = '--ink3', weight = 400, align = 'left', base = 'middle' } = {}) {
  ctx.font = font(colour, weight);
  ctx.textAlign = align;
  ctx.textBaseline = base;
  ctx.lineJoin = 'round';
  ctx.lineWidth = 3 * ratio();
  ctx.setLineDash([]);
  ctx.strokeStyle = colour('--paper');
  ctx.strokeText(text, x, y);
  ctx.fillStyle = colour(ink);
  ctx.fillText(text, x, y);
}

const place = (plot, x, y) => [plot.valToPos(x, 'x', true), plot.valToPos(y, 'y', true)];

/** Where the value `i` of a line stands on the x axis. */
export const placeOf = (model, i, line = null) => (line?.at ?? model.at)?.[i] ?? i;

/** Behind the grid: the epochs after the best one. */
export function paintTail(plot, { tail }, colour) {
  if (!tail || tail[1] <= tail[0]) return;
  pen(plot, (ctx) => {
    const from = plot.valToPos(tail[0], 'x', true);
    const to = plot.valToPos(tail[1], 'x', true);
    ctx.fillStyle = colour('--tail');
    ctx.fillRect(from, plot.bbox.top, to - from, plot.bbox.height);
  });
}

/** Behind the curves: between the least and the most of several runs. */
export function paintBands(plot, model, colour, lookOf) {
  const { bands, log } = model;
  for (const band of bands ?? []) {
    const { look, least, most } = band;
    const at = least.flatMap((value, i) => (Number.isFinite(value) && Number.isFinite(most[i]) ? [i] : []));
    if (at.length < 2) continue;
    pen(plot, (ctx) => {
      const { left, top, width, height } = plot.bbox;
      ctx.beginPath();
      ctx.rect(left, top, width, height);
      ctx.clip();
      const to = (i, value) => ctx.lineTo(...place(plot, placeOf(model, i, band), log ? Math.max(value, 1e-9) : value));
      ctx.beginPath();
      for (const i of at) to(i, most[i]);
      for (const i of at.reverse()) to(i, least[i]);
      ctx.closePath();
      ctx.globalAlpha = 0.18;
      ctx.fillStyle = colour(lookOf(look).colour);
      ctx.fill();
    });
  }
}

/** Round dots at the level of pure guessing. */
export function paintGuess(plot, { guess, best }, colour) {
  if (!guess) return;
  pen(plot, (ctx, r) => {
    const y = plot.valToPos(guess.value, 'y', true);
    const { left, width, top, height } = plot.bbox;
    if (y < top - 1 || y > top + height + 1) return;
    ctx.strokeStyle = colour('--ink3');
    ctx.lineWidth = r;
    ctx.lineCap = 'round';
    ctx.setLineDash([1.5 * r, 3.5 * r]);
    ctx.beginPath();
    ctx.moveTo(left, y);
    ctx.lineTo(left + width, y);
    ctx.stroke();
    const high = y - top > 14 * r;
    // Not across the line of the best epoch, where that stands in the last third.
    const line = best ? plot.valToPos(best.epoch, 'x', true) : 0;
    const end = line > left + width * 0.62 ? line - 6 * r : left + width;
    write(ctx, colour, guess.text, end, high || guess.above ? y - 8 * r : y + 9 * r, { align: 'right' });
  });
}

function paintBest(ctx, r, plot, { best, guess, here }, colour) {
  const [x, y] = place(plot, best.epoch, best.value);
  const { top, height, left } = plot.bbox;
  ctx.setLineDash([]);
  ctx.strokeStyle = colour('--valid');
  ctx.lineWidth = r;
  ctx.globalAlpha = 0.55;
  ctx.beginPath();
  ctx.moveTo(x, top);
  ctx.lineTo(x, top + height);
  ctx.stroke();
  ctx.globalAlpha = 1;
  ctx.beginPath();
  const s = 6 * r;
  ctx.moveTo(x, y - s);
  ctx.lineTo(x + s, y);
  ctx.lineTo(x, y + s);
  ctx.lineTo(x - s, y);
  ctx.closePath();
  ctx.fillStyle = colour('--paper');
  ctx.fill();
  ctx.lineWidth = 2 * r;
  ctx.strokeStyle = colour('--valid');
  ctx.stroke();
  // Far from the curve: above a low one, below a high one.
  const low = y - top > height * 0.45;
  const level = guess ? plot.valToPos(guess.value, 'y', true) : -100;
  const wished = low ? top + 30 * r : top + height * 0.6;
  // Two lines of text, not on the level of guessing and its name above it.
  const textY = wished + 20 * r > level - 15 * r && wished - 7 * r < level + 4 * r ? level + 18 * r : wished;
  const onLeft = x - left > 74 * r;
  const textX = onLeft ? x - 7 * r : x + 7 * r;
  const align = onLeft ? 'right' : 'left';
  if (height < 80 * r || (here ?? null) !== null) return; // no room, or where one looks is told instead
  write(ctx, colour, best.text, textX, textY, { ink: '--valid-text', weight: 600, align });
  write(ctx, colour, best.sub, textX, textY + 13 * r, { align });
}

function paintPips(ctx, r, plot, pips, colour) {
  const bottom = plot.bbox.top + plot.bbox.height;
  const edge = plot.bbox.left + plot.bbox.width;
  let last = null;
  for (let i = 1; i <= Math.min(pips.at.length, 12); i++) {
    const x = plot.valToPos(pips.at[i - 1], 'x', true);
    if (x > edge + r) break;
    last = x;
    ctx.setLineDash([]);
    ctx.beginPath();
    ctx.arc(x, bottom, 3.5 * r, 0, 7);
    ctx.fillStyle = i > pips.at.length - pips.left ? colour('--valid-text') : colour('--paper');
    ctx.fill();
    ctx.lineWidth = 1.5 * r;
    ctx.strokeStyle = colour('--valid-text');
    ctx.stroke();
  }
  if (last !== null && pips.text && last < plot.bbox.left + plot.bbox.width * 0.8)
    write(ctx, colour, pips.text, last + 8 * r, bottom - 8 * r, { ink: '--valid-text', weight: 600 });
}

/** The epoch that is looked back at: what came after it fades, and a line with a grip stands there. */
export function paintHere(plot, model, colour) {
  if (model.here === null || model.here === undefined) return;
  pen(plot, (ctx, r) => {
    const { left, top, width, height } = plot.bbox;
    const x = plot.valToPos(placeOf(model, model.here), 'x', true);
    ctx.globalAlpha = 0.6;
    ctx.fillStyle = colour('--paper');
    ctx.fillRect(x, top, Math.max(0, left + width - x), height);
    ctx.globalAlpha = 1;
    ctx.strokeStyle = colour('--ink');
    ctx.lineWidth = 1.5 * r;
    ctx.setLineDash([]);
    ctx.beginPath();
    ctx.moveTo(x, top);
    ctx.lineTo(x, top + height);
    ctx.stroke();
    ctx.beginPath();
    ctx.arc(x, top, 5 * r, 0, 7);
    ctx.fillStyle = colour('--ink');
    ctx.fill();
    ctx.lineWidth = 2 * r;
    ctx.strokeStyle = colour('--paper');
    ctx.stroke();
  });
}

/** On the curves: the best epoch, patience, events, where it will stop, a hint before anything is there, the cursor. */
export function paintMarks(plot, model, colour, lookOf, cursor) {
  pen(plot, (ctx, r) => {
    const { left, top, width, height } = plot.bbox;
    const bottom = top + height;
    for (const line of model.lines) paintPoints(ctx, r, plot, line, model, colour, lookOf);
    for (const event of model.events ?? []) {
      const x = plot.valToPos(event.at, 'x', true);
      ctx.strokeStyle = colour('--ink3');
      ctx.lineWidth = r;
      ctx.setLineDash([]);
      ctx.beginPath();
      ctx.moveTo(x, bottom - 6 * r);
      ctx.lineTo(x, bottom);
      ctx.stroke();
      write(ctx, colour, event.text, x + 4 * r, bottom - 8 * r);
    }
    if (model.stops && model.stops.at <= model.xMax) {
      const x = plot.valToPos(model.stops.at, 'x', true);
      ctx.strokeStyle = colour('--ink3');
      ctx.lineWidth = r;
      ctx.setLineDash([3 * r, 3 * r]);
      ctx.beginPath();
      ctx.moveTo(x, top + height * 0.3);
      ctx.lineTo(x, bottom);
      ctx.stroke();
      if (height > 80 * r)
        model.stops.text.forEach((text, i) => write(ctx, colour, text, x + 6 * r, top + height * 0.38 + i * 13 * r));
    }
    if (model.best) paintBest(ctx, r, plot, model, colour);
    if (model.pips) paintPips(ctx, r, plot, model.pips, colour);
    if (model.hint) {
      // In the middle, unless that is where the level of guessing and its name are.
      const level = model.guess ? plot.valToPos(model.guess.value, 'y', true) : top;
      const isTaken = Math.abs(level - 8 * r - (top + height / 2)) < 22 * r;
      write(ctx, colour, model.hint, left + width / 2, top + height * (isTaken ? 0.25 : 0.5), {
        align: 'center',
        ink: '--ink2',
      });
    }
    // Behind the last number, which may stand half over the edge.
    const digits = model.xTicks ? 1 : String(Math.round(model.xMax)).length;
    write(ctx, colour, model.axisName, left + width + (6 + 4 * Math.max(2, digits)) * r, bottom + 11 * r);
    const read = cursor ?? model.here;
    if (read !== null && read !== undefined) {
      const x = plot.valToPos(placeOf(model, read), 'x', true);
      ctx.strokeStyle = colour('--ink2');
      ctx.lineWidth = r;
      ctx.setLineDash([]);
      ctx.beginPath();
      ctx.moveTo(x, top);
      ctx.lineTo(x, bottom);
      ctx.stroke();
      const right = x > left + width * 0.6;
      const from = right ? x - 9 * r : x + 9 * r;
      const rows = model.read(read);
      ctx.font = font(colour, 600);
      const wide = Math.max(0, ...rows.map((text) => ctx.measureText(text).width)) + 6 * r;
      ctx.fillStyle = colour('--paper');
      ctx.fillRect(right ? from + 3 * r - wide : from - 3 * r, top, wide, (3 + 13 * rows.length) * r);
      rows.forEach((text, i) => {
        write(ctx, colour, text, from, top + (8 + 13 * i) * r, {
          align: right ? 'right' : 'left',
          ink: '--ink',
          weight: i ? 400 : 600,
        });
      });
    }
  });
}

const corners = {
  square: [
    [-3.5, -3.5],
    [3.5, -3.5],
    [3.5, 3.5],
    [-3.5, 3.5],
  ],
  triangle: [
    [0, -4.5],
    [4.5, 3.5],
    [-4.5, 3.5],
  ],
  diamond: [
    [0, -5],
    [5, 0],
    [0, 5],
    [-5, 0],
  ],
};

/** A line of one point is a ring; lines that differ by shape carry a mark every five epochs. */
function paintPoints(ctx, r, plot, line, model, colour, lookOf) {
  const { colour: name, mark } = lookOf(line.look);
  const at = line.values.flatMap((value, i) =>
    value === null || value === undefined || Number.isNaN(value) ? [] : [i],
  );
  const shown = at.length === 1 ? at : mark ? at.filter((i, n) => n % 5 === 0 || i === at.at(-1)) : [];
  for (const i of shown) {
    const [x, y] = place(plot, placeOf(model, i, line), model.log ? Math.max(line.values[i], 1e-9) : line.values[i]);
    ctx.setLineDash([]);
    ctx.beginPath();
    if (corners[mark]) corners[mark].forEach(([dx, dy]) => ctx.lineTo(x + dx * r, y + dy * r));
    else ctx.arc(x, y, 4 * r, 0, 7);
    ctx.closePath();
    ctx.fillStyle = mark === 'square' ? colour(name) : colour('--paper');
    ctx.fill();
    ctx.lineWidth = 2 * r;
    ctx.strokeStyle = colour(name);
    ctx.stroke();
  }
}

/** The lines' names and values at their ends, pushed apart, the higher value on top. */
export function paintEnds(plot, model, colour, lookOf) {
  pen(plot, (ctx, r) => {
    const ends = [];
    for (const line of model.lines) {
      const i = line.values.findLastIndex((value) => value !== null && value !== undefined && !Number.isNaN(value));
      if (i < 1 || !line.name) continue;
      const [x, y] = place(
        plot,
        Math.min(placeOf(model, i, line), model.xMax),
        model.log ? Math.max(line.values[i], 1e-9) : line.values[i],
      );
      ends.push({
        x,
        y,
        text: line.name(line.values[i]),
        ink: lookOf(line.look).text,
        weight: line.look === 'ghost' ? 400 : 600,
      });
    }
    ends.sort((a, b) => a.y - b.y);
    const apart = 13 * r;
    for (let i = 1; i < ends.length; i++) ends[i].y = Math.max(ends[i].y, ends[i - 1].y + apart);
    const floor = plot.bbox.top + plot.bbox.height - 4 * r;
    for (let i = ends.length - 1; i >= 0; i--) ends[i].y = Math.min(ends[i].y, floor - (ends.length - 1 - i) * apart);
    const far = Math.max(...ends.map((end) => end.x));
    for (const end of ends) {
      const near = ends.some((other) => other !== end && Math.abs(other.y - end.y) < 16 * r);
      write(ctx, colour, end.text, (near ? far : end.x) + 8 * r, end.y, { ink: end.ink, weight: end.weight });
    }
  });
}
