// By hand: a row is a clone, its parts are found once, events are heard at the table.
import { buttons, makeRows } from './data.js';

const button = ([id, label]) => `<div class="col-sm-6 smallpad"><button type="button" class="btn btn-primary btn-block" id="${id}">${label}</button></div>`;
document.getElementById('app').innerHTML = `<div class="container"><div class="jumbotron"><div class="row"><div class="col-md-6"><h1>Rows</h1></div>
<div class="col-md-6"><div class="row">${buttons.map(button).join('')}</div></div></div></div>
<table class="table table-hover table-striped test-data"><tbody id="tbody"></tbody></table></div>`;

const template = document.createElement('template');
template.innerHTML = '<tr><td class="col-md-1"></td><td class="col-md-4"><a class="lbl"></a></td><td class="col-md-1"><a class="remove">'
  + '<span class="glyphicon glyphicon-remove" aria-hidden="true"></span></a></td><td class="col-md-6"></td></tr>';
const shape = template.content.firstChild;
const tbody = document.getElementById('tbody');
let rows = []; // { id, label, tr, link }
let selected = null;

function append(count) {
  for (const { id, label } of makeRows(count)) {
    const tr = shape.cloneNode(true);
    const first = tr.firstChild;
    const link = first.nextSibling.firstChild;
    first.textContent = id;
    link.textContent = label;
    const row = { id, label, tr, link };
    tr.row = row;
    rows.push(row);
    tbody.appendChild(tr);
  }
}

function clear() {
  tbody.textContent = '';
  rows = [];
  selected = null;
}

function run(count) {
  clear();
  append(count);
}

function update() {
  for (let i = 0; i < rows.length; i += 10) {
    const row = rows[i];
    row.label += ' !!!';
    row.link.firstChild.nodeValue = row.label;
  }
}

function swap() {
  if (rows.length <= 998) return;
  const [a, b] = [rows[1], rows[998]];
  const after = b.tr.nextSibling;
  tbody.insertBefore(b.tr, a.tr);
  tbody.insertBefore(a.tr, after);
  rows[1] = b;
  rows[998] = a;
}

const actions = { run: () => run(1000), runlots: () => run(10000), add: () => append(1000), update, clear, swaprows: swap };
for (const [id, action] of Object.entries(actions)) document.getElementById(id).addEventListener('click', action);

tbody.addEventListener('click', ({ target }) => {
  const link = target.closest('a');
  const tr = link?.closest('tr');
  if (!tr) return;
  if (link.className === 'lbl') {
    if (selected) selected.className = '';
    selected = tr;
    tr.className = 'danger';
  } else {
    tr.remove();
    rows.splice(rows.indexOf(tr.row), 1);
  }
});
