// A number over time: what it was, as far as it is known, and what comes. A value is held until the next one was reported.

import {duration, serverNow} from './dom.js';

const SVG = 'http://www.w3.org/2000/svg';
const KEPT = 1000;
const WIDTH = 240;
const HEIGHT = 36;

export class Sparkline {
  constructor(label) {
    this.points = []; // {time, low, mean, high}, oldest first
    this.range = 15 * 60e3;
    this.line = document.createElementNS(SVG, 'polyline');
    this.band = document.createElementNS(SVG, 'polygon');
    this.svg = document.createElementNS(SVG, 'svg');
    this.svg.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`);
    this.svg.setAttribute('preserveAspectRatio', 'none');
    this.svg.setAttribute('role', 'img');
    this.svg.setAttribute('aria-label', label);
    this.svg.append(this.band, this.line);
    this.svg.setAttribute('hidden', '');
    this.scale = document.createElement('div');
    this.scale.className = 'scale';
    this.element = document.createElement('div');
    this.element.append(this.svg, this.scale);
  }

  /** What was, from elsewhere: takes the place of all that is not newer. */
  load(range, points) {
    this.range = range;
    const last = points.at(-1)?.time ?? 0;
    this.points = [...points, ...this.points.filter(point => point.time > last)];
    this.draw();
  }

  add(time, value) {
    const last = this.points.at(-1);
    if (!Number.isFinite(value) || (last && last.time >= time)) {
      return;
    }
    this.points.push({time, low: value, mean: value, high: value});
    this.draw();
  }

  /** Drops what is out of sight, but for the value that is still held at the left edge; then every other one of the older half. */
  trim(start) {
    const first = this.points.findIndex(point => point.time > start) - 1;
    if (first > 0) {
      this.points.splice(0, first);
    }
    if (this.points.length > KEPT) {
      this.points = this.points.filter((point, i) => i % 2 === 0 || i > KEPT / 2);
    }
  }

  draw() {
    const end = Math.max(serverNow(), this.points.at(-1)?.time ?? 0);
    this.trim(end - this.range);
    const known = this.points.length > 2;
    this.svg.toggleAttribute('hidden', !known);
    this.scale.hidden = !known;
    if (!known) {
      return;
    }
    const start = Math.max(end - this.range, this.points[0].time);
    const span = end - start || 1;
    const low = Math.min(...this.points.map(point => point.low));
    const high = Math.max(...this.points.map(point => point.high));
    const height = high - low || 1;
    const x = time => (Math.max(0, (time - start) / span) * WIDTH).toFixed(1);
    const y = value => (HEIGHT - 2 - (value - low) / height * (HEIGHT - 4)).toFixed(1);
    const steps = side => this.points.flatMap((point, i) => {
      const here = `${x(point.time)},${y(point[side])}`;
      return i === 0 ? [here] : [`${x(point.time)},${y(this.points[i - 1][side])}`, here];
    });
    const held = `${x(end)},${y(this.points.at(-1).mean)}`;
    this.line.setAttribute('points', [...steps('mean'), held].join(' '));
    const spread = this.points.some(point => point.high > point.low);
    this.band.setAttribute('points', spread ? [...steps('high'), ...steps('low').reverse()].join(' ') : '');
    this.scale.textContent = `${short(low)} to ${short(high)} in ${duration(span)}`;
  }
}

function short(number) {
  return String(Number(number.toPrecision(4)));
}
