// The rows in Solid: a signal for each label, a selector for the selection.
import { batch, createSelector, createSignal, For } from 'solid-js';
import { render } from 'solid-js/web';
import { buttons, makeRows } from './data.js';

const withSignals = (rows) => rows.map(({ id, label }) => {
  const [get, set] = createSignal(label);
  return { id, label: get, setLabel: set };
});

function Main() {
  const [rows, setRows] = createSignal([]);
  const [selected, setSelected] = createSignal(0);
  const isSelected = createSelector(selected);
  const actions = {
    run: () => setRows(withSignals(makeRows(1000))),
    runlots: () => setRows(withSignals(makeRows(10000))),
    add: () => setRows((all) => all.concat(withSignals(makeRows(1000)))),
    update: () => batch(() => {
      for (let i = 0, all = rows(); i < all.length; i += 10) all[i].setLabel((label) => `${label} !!!`);
    }),
    clear: () => setRows([]),
    swaprows: () => {
      const next = rows().slice();
      if (next.length > 998) [next[1], next[998]] = [next[998], next[1]];
      setRows(next);
    },
  };
  const remove = (id) => setRows((all) => all.filter((row) => row.id !== id));

  return (
    <div class="container">
      <div class="jumbotron"><div class="row">
        <div class="col-md-6"><h1>Rows</h1></div>
        <div class="col-md-6"><div class="row">
          <For each={buttons}>{([id, label]) => (
            <div class="col-sm-6 smallpad"><button type="button" class="btn btn-primary btn-block" id={id} onClick={actions[id]}>{label}</button></div>
          )}</For>
        </div></div>
      </div></div>
      <table class="table table-hover table-striped test-data"><tbody id="tbody">
        <For each={rows()}>{(row) => (
          <tr class={isSelected(row.id) ? 'danger' : ''}>
            <td class="col-md-1" textContent={row.id} />
            <td class="col-md-4"><a class="lbl" onClick={[setSelected, row.id]} textContent={row.label()} /></td>
            <td class="col-md-1"><a class="remove" onClick={[remove, row.id]}><span class="glyphicon glyphicon-remove" aria-hidden="true" /></a></td>
            <td class="col-md-6" />
          </tr>
        )}</For>
      </tbody></table>
    </div>
  );
}

render(() => <Main />, document.getElementById('app'));
