// What a device can be asked to do: a form per method, and what came of the last call.

import {post, sentence} from './api.js';
import {ago, h, setText} from './dom.js';

const WORDS = {pending: 'waiting', running: 'running', succeeded: 'done', failed: 'failed'};

/** {element, update(method)}; path names the device, fields tells properties by name. */
export function method(path, first, properties) {
  const fields = first.properties.map(name => [name, h('input', {type: 'text', 'aria-label': `${first.name}, ${name}`, autocomplete: 'off',
    spellcheck: 'false', maxlength: 8192})]);
  const problem = h('div', {class: 'problem', role: 'alert'});
  const button = h('button', {class: 'primary', type: 'submit'}, 'Call');
  const result = h('div', {class: 'result', role: 'status'});
  const unit = name => properties.find(property => property.name === name)?.unit;
  const form = h('form', {class: 'control', onsubmit: submit},
    fields.map(([name, field]) => h('label', {class: 'row'}, h('span', {}, unit(name) ? `${name} (${unit(name)})` : name), field)),
    h('div', {class: 'row'}, button), problem);
  let shown = '';

  async function submit(event) {
    event.preventDefault();
    if (button.disabled) {
      return;
    }
    button.disabled = true;
    setText(problem, '');
    try {
      const given = fields.filter(([, field]) => field.value !== '').map(([name, field]) => [name, field.value]);
      await post(`${path}/call`, {method: first.name, arguments: Object.fromEntries(given)});
    } catch (e) {
      setText(problem, sentence(e));
    } finally {
      button.disabled = false;
    }
  }

  return {
    element: h('section', {class: 'property', 'aria-label': `method ${first.name}`, 'data-method': first.name},
      h('div', {}, h('h3', {}, first.name), h('p', {}, first.description)), result, form),
    update({last}) {
      const now = JSON.stringify(last);
      if (now === shown) {
        return;
      }
      shown = now;
      if (!last) {
        result.replaceChildren(h('span', {class: 'age'}, 'not called lately'));
        return;
      }
      const values = Object.entries(last.values);
      result.replaceChildren(h('b', {class: 'long', 'data-phase': last.phase}, WORDS[last.phase]), ' ', ago(last.at),
        values.length > 0 && h('dl', {}, values.flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, value)])) || '',
        last.message || last.reason ? h('p', {class: last.phase === 'failed' ? 'problem' : ''}, last.message || last.reason) : '');
    },
  };
}
