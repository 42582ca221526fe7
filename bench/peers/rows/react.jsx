// The rows in React: reducer, memo.
import { memo, useReducer } from 'react';
import { flushSync } from 'react-dom';
import { createRoot, hydrateRoot } from 'react-dom/client';
import { buttons, isHydration, makeRows } from './data.js';

function reduce({ rows, selected }, { type, id }) {
  switch (type) {
    case 'run': return { rows: makeRows(1000), selected: 0 };
    case 'runlots': return { rows: makeRows(10000), selected: 0 };
    case 'add': return { rows: rows.concat(makeRows(1000)), selected };
    case 'update': return { rows: rows.map((row, i) => (i % 10 ? row : { id: row.id, label: `${row.label} !!!` })), selected };
    case 'clear': return { rows: [], selected: 0 };
    case 'swaprows': {
      const next = rows.slice();
      if (next.length > 998) [next[1], next[998]] = [next[998], next[1]];
      return { rows: next, selected };
    }
    case 'remove': return { rows: rows.filter((row) => row.id !== id), selected };
    default: return { rows, selected: id };
  }
}

const Row = memo(({ row, isSelected, dispatch }) => (
  <tr className={isSelected ? 'danger' : undefined}>
    <td className="col-md-1">{row.id}</td>
    <td className="col-md-4"><a className="lbl" onClick={() => dispatch({ type: 'choose', id: row.id })}>{row.label}</a></td>
    <td className="col-md-1"><a className="remove" onClick={() => dispatch({ type: 'remove', id: row.id })}><span className="glyphicon glyphicon-remove" aria-hidden="true" /></a></td>
    <td className="col-md-6" />
  </tr>
));

const Button = memo(({ id, label, dispatch }) => (
  <div className="col-sm-6 smallpad"><button type="button" className="btn btn-primary btn-block" id={id} onClick={() => dispatch({ type: id })}>{label}</button></div>
));

function Main({ start = [] }) {
  const [{ rows, selected }, dispatch] = useReducer(reduce, { rows: start, selected: 0 });
  return (
    <div className="container">
      <div className="jumbotron"><div className="row">
        <div className="col-md-6"><h1>Rows</h1></div>
        <div className="col-md-6"><div className="row">{buttons.map(([id, label]) => <Button key={id} id={id} label={label} dispatch={dispatch} />)}</div></div>
      </div></div>
      <table className="table table-hover table-striped test-data"><tbody id="tbody">
        {rows.map((row) => <Row key={row.id} row={row} isSelected={selected === row.id} dispatch={dispatch} />)}
      </tbody></table>
    </div>
  );
}

const app = document.getElementById('app');
if (isHydration) {
  const rows = makeRows(1000);
  window.hydrateRows = () => flushSync(() => hydrateRoot(app, <Main start={rows} />));
} else createRoot(app).render(<Main />);
