// The last values of a number, as far as this page has seen them. History proper is not kept here.

const SVG = 'http://www.w3.org/2000/svg';
const KEPT = 200;
const LONGEST = 10 * 60 * 1000;
const WIDTH = 240;
const HEIGHT = 36;

export class Sparkline {
  constructor(label) {
    this.points = [];
    this.line = document.createElementNS(SVG, 'polyline');
    this.element = document.createElementNS(SVG, 'svg');
    this.element.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`);
    this.element.setAttribute('preserveAspectRatio', 'none');
    this.element.setAttribute('role', 'img');
    this.element.setAttribute('aria-label', label);
    this.element.append(this.line);
    this.element.setAttribute('hidden', '');
  }

  add(time, value) {
    const last = this.points.at(-1);
    if (!Number.isFinite(value) || (last && last.time >= time)) {
      return;
    }
    this.points.push({time, value});
    const first = Math.max(this.points.length - KEPT, this.points.findIndex(point => point.time > time - LONGEST));
    this.points.splice(0, first);
    if (this.points.length > 2) {
      this.element.removeAttribute('hidden');
      this.draw();
    }
  }

  draw() {
    const values = this.points.map(point => point.value);
    const low = Math.min(...values);
    const range = Math.max(...values) - low || 1;
    const start = this.points[0].time;
    const span = this.points.at(-1).time - start || 1;
    let before = '';
    this.line.setAttribute('points', this.points.map(({time, value}) => {
      const x = ((time - start) / span * WIDTH).toFixed(1);
      const y = (HEIGHT - 2 - (value - low) / range * (HEIGHT - 4)).toFixed(1);
      const step = before && `${x},${before} `; // a value held until the next one was reported
      before = y;
      return `${step}${x},${y}`;
    }).join(' '));
  }
}
