// What the properties of a device were: asked from the gateway through the cloud service, again when the gateway is back.

import {get, sentence} from './api.js';
import {h, serverNow, setText} from './dom.js';

const RANGES = [['15 min', 15 * 60e3], ['1 h', 3600e3], ['24 h', 86400e3], ['7 d', 7 * 86400e3]];
const POINTS = 400;
const AT_A_TIME = 2;
const CHANGES = 50;

let range = RANGES[0][1]; // stays from device to device

export class Histories {
  constructor(key) {
    this.key = key;
    this.shown = []; // {name, load(range, points), wanted()}
    this.turn = 0;
    this.note = h('p', {class: 'hint', role: 'status'});
    const buttons = RANGES.map(([label, millis]) => h('button', {type: 'button', 'aria-pressed': String(millis === range), 'data-range': label, onclick: () => {
      range = millis;
      buttons.forEach(button => button.setAttribute('aria-pressed', String(button.textContent === label)));
      this.load();
    }}, label));
    this.element = h('div', {class: 'ranges', role: 'group', 'aria-label': 'Time that graphs show'}, buttons, this.note);
  }

  show(shown) {
    this.shown = shown;
    this.load();
  }

  /** Asks for everything that is shown, a few at a time; a newer turn ends an older one. */
  async load() {
    const turn = ++this.turn;
    const wanted = this.shown.filter(one => one.wanted());
    const notes = new Set();
    const worker = async () => {
      for (let one = wanted.shift(); one && turn === this.turn; one = wanted.shift()) {
        const note = await this.ask(one, turn);
        if (note) {
          notes.add(note);
        }
      }
    };
    await Promise.all(Array.from({length: AT_A_TIME}, worker));
    if (turn === this.turn) {
      setText(this.note, [...notes].join(' '));
    }
  }

  async ask(one, turn) {
    const span = range;
    const to = Math.round(serverNow()) + 1000;
    const query = new URLSearchParams({device: this.key, property: one.name, from: to - span, to, most: POINTS});
    try {
      const answer = await get(`history?${query}`);
      if (turn === this.turn) {
        one.load(span, answer.points);
      }
      return answer.note;
    } catch (e) {
      return sentence(e);
    }
  }
}

/** For a number: the graph. */
export function graph(name, line) {
  return {name, wanted: () => true, load: (span, points) => line.load(span, points.filter(point => point.length === 5)
    .map(([time, , low, mean, high]) => ({time, low, mean, high})))};
}

/** For anything else: a list of changes, asked for when it is opened. */
export function changes(name, reload) {
  const list = h('ol');
  const element = h('details', {class: 'changes', ontoggle: () => element.open && reload()}, h('summary', {}, 'changes'), list);
  return {element, name, wanted: () => element.open, load(span, points) {
    const changed = points.filter((point, i) => i === 0 || point.at(-1) !== points[i - 1].at(-1)).slice(-CHANGES).reverse();
    list.replaceChildren(...changed.map(point => h('li', {}, h('time', {datetime: new Date(point[0]).toISOString()}, new Date(point[0]).toLocaleString()),
      ' ', String(point.at(-1)) || '(empty)')));
    if (changed.length === 0) {
      list.replaceChildren(h('li', {}, 'Nothing is known of this time.'));
    }
  }};
}
