// What a person sets a property with. A control shows what is desired and tells what a person wants; it never
// shows a wish as done: only what the server tells back changes it.

import {post, sentence} from './api.js';
import {h, setText} from './dom.js';

/** {element, update(property)}; path names the device. */
export function control(path, property) {
  const make = {switch: toggle, integer: number, decimal: number, choice, text, none}[property.control.kind];
  return make(path, property);
}

/** Sends a value; busy(true) while it is under way. */
async function send(path, name, value, busy, problem) {
  busy(true);
  setText(problem, '');
  try {
    await post(`${path}/desired`, {property: name, value});
    return true;
  } catch (e) {
    setText(problem, sentence(e));
    return false;
  } finally {
    busy(false);
  }
}

function problemLine() {
  return h('div', {class: 'problem', role: 'alert'});
}

function none(path, property) {
  return {element: h('div', {class: 'control readonly'}, 'read only'), update() {}};
}

function toggle(path, first) {
  const {name} = first;
  const {on, off} = first.control;
  const problem = problemLine();
  const word = h('span');
  const button = h('button', {type: 'button', class: 'switch', role: 'switch', 'aria-label': name, onclick: click}, h('i'), word);
  const other = first.control.free && text(path, first);
  let is = null;

  async function click() {
    if (button.getAttribute('aria-busy') !== 'true') {
      await send(path, name, is === on ? off : on, busy => button.setAttribute('aria-busy', busy), problem);
    }
  }

  return {
    element: h('div', {class: 'control'}, button, problem, other && h('details', {}, h('summary', {}, 'another value'), other.element)),
    update(property) {
      other && other.update(property);
      const said = [property.desired, property.reported?.value].find(v => same(v, on) || same(v, off));
      is = same(said, on) ? on : same(said, off) ? off : null;
      button.setAttribute('aria-checked', String(is === on));
      button.classList.toggle('unset', is === null || (property.desired !== undefined && !same(property.desired, is)));
      setText(word, button.classList.contains('unset') ? property.desired || 'not set' : is);
    },
  };
}

function same(a, b) {
  return a !== undefined && a.toLowerCase() === b.toLowerCase();
}

/** A field and a button; the field follows what is desired until somebody types into it. */
function form(path, name, field, read, write, more) {
  const problem = problemLine();
  const button = h('button', {class: 'primary', type: 'submit', disabled: true}, 'Set');
  let desired;
  const isChanged = () => read() !== (desired ?? '');
  const element = h('form', {class: 'control', onsubmit: submit}, h('div', {class: 'row'}, field, button), more, problem);
  element.addEventListener('input', () => {
    const wrong = field.check?.(read()) ?? '';
    setText(problem, isChanged() ? wrong : '');
    field.setAttribute('aria-invalid', String(isChanged() && wrong !== ''));
    button.disabled = !isChanged() || wrong !== '';
  });

  async function submit(event) {
    event.preventDefault();
    if (button.disabled) {
      return;
    }
    const wish = read();
    if (await send(path, name, wish, busy => { button.disabled = busy; field.setAttribute('aria-busy', busy); }, problem)) {
      desired = wish;
      button.disabled = true;
    }
  }

  return {
    element,
    update(property) {
      const untouched = !isChanged() || desired === undefined && read() === '';
      desired = property.desired;
      if (untouched && read() !== (desired ?? '')) {
        write(desired ?? '');
      }
      button.disabled = !isChanged() || (field.check?.(read()) ?? '') !== '';
    },
  };
}

function text(path, property) {
  const field = h('input', {type: 'text', 'aria-label': property.name, autocomplete: 'off', spellcheck: 'false', maxlength: 8192});
  return form(path, property.name, field, () => field.value, value => { field.value = value; });
}

function choice(path, property) {
  const field = h('select', {'aria-label': property.name});
  const offer = values => field.replaceChildren(...values.map(value => h('option', {value}, value || '—')));
  offer(['', ...property.control.options]);
  field.check = value => value === '' ? 'Choose one.' : '';
  return form(path, property.name, field, () => field.value, value => {
    if (![...field.options].some(option => option.value === value)) {
      offer(['', ...property.control.options, value]); // set elsewhere to what the model does not list
    }
    field.value = value;
  });
}

function number(path, property) {
  const {kind, minimum, maximum} = property.control;
  const bounded = minimum !== undefined && maximum !== undefined && maximum > minimum;
  const field = h('input', {type: 'text', inputmode: kind === 'integer' ? 'numeric' : 'decimal', 'aria-label': property.name, autocomplete: 'off'});
  field.check = value => wrongNumber(value.trim(), property);
  const slider = bounded && h('input', {type: 'range', min: minimum, max: maximum, 'aria-label': `${property.name}, slider`,
    step: kind === 'integer' ? 1 : (maximum - minimum) / 1000, oninput: () => { field.value = shorter(slider.value); }});
  const unit = property.unit ? ` ${property.unit}` : '';
  const more = bounded ? h('div', {}, slider, h('div', {class: 'bounds'}, h('span', {}, minimum + unit), h('span', {}, maximum + unit)))
    : h('div', {class: 'hint'}, [minimum !== undefined && `at least ${minimum}${unit}`, maximum !== undefined && `at most ${maximum}${unit}`,
      minimum === undefined && maximum === undefined && unit.trim()].filter(Boolean).join(', '));
  if (slider) {
    field.addEventListener('input', () => { slider.value = field.value; });
  }
  return form(path, property.name, field, () => field.value.trim(), value => {
    field.value = value;
    if (slider) {
      slider.value = value === '' ? minimum : value;
    }
  }, more);
}

function shorter(text) {
  return String(Number(Number(text).toPrecision(6)));
}

function wrongNumber(value, {name, unit, control: {kind, minimum, maximum}}) {
  const pattern = kind === 'integer' ? /^[+-]?\d{1,19}$/ : /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$/;
  if (!pattern.test(value)) {
    return `${name} is ${kind === 'integer' ? 'a whole number' : 'a number'}.`;
  }
  if (minimum !== undefined && Number(value) < minimum) {
    return `${name} is at least ${minimum} ${unit}`.trim() + '.';
  }
  if (maximum !== undefined && Number(value) > maximum) {
    return `${name} is at most ${maximum} ${unit}`.trim() + '.';
  }
  return '';
}
