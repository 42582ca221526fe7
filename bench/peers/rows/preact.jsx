// The rows in Preact: a component that says itself when it need not render.
import { Component, hydrate, render } from 'preact';
import { buttons, isHydration, makeRows } from './data.js';

class Row extends Component {
  shouldComponentUpdate({ row, isSelected }) {
    return row !== this.props.row || isSelected !== this.props.isSelected;
  }

  render({ row, isSelected, choose, remove }) {
    return (
      <tr class={isSelected ? 'danger' : undefined}>
        <td class="col-md-1">{row.id}</td>
        <td class="col-md-4"><a class="lbl" onClick={() => choose(row.id)}>{row.label}</a></td>
        <td class="col-md-1"><a class="remove" onClick={() => remove(row.id)}><span class="glyphicon glyphicon-remove" aria-hidden="true" /></a></td>
        <td class="col-md-6" />
      </tr>
    );
  }
}

export class Main extends Component {
  state = { rows: this.props.rows ?? [], selected: 0 };
  actions = {
    run: () => this.setState({ rows: makeRows(1000), selected: 0 }),
    runlots: () => this.setState({ rows: makeRows(10000), selected: 0 }),
    add: () => this.setState({ rows: this.state.rows.concat(makeRows(1000)) }),
    update: () => this.setState({ rows: this.state.rows.map((row, i) => (i % 10 ? row : { id: row.id, label: `${row.label} !!!` })) }),
    clear: () => this.setState({ rows: [], selected: 0 }),
    swaprows: () => {
      const rows = this.state.rows.slice();
      if (rows.length > 998) [rows[1], rows[998]] = [rows[998], rows[1]];
      this.setState({ rows });
    },
  };

  choose = (selected) => this.setState({ selected });
  remove = (id) => this.setState({ rows: this.state.rows.filter((row) => row.id !== id) });

  render(_, { rows, selected }) {
    return (
      <div class="container">
        <div class="jumbotron"><div class="row">
          <div class="col-md-6"><h1>Rows</h1></div>
          <div class="col-md-6"><div class="row">
            {buttons.map(([id, label]) => (
              <div class="col-sm-6 smallpad"><button type="button" class="btn btn-primary btn-block" id={id} onClick={this.actions[id]}>{label}</button></div>
            ))}
          </div></div>
        </div></div>
        <table class="table table-hover table-striped test-data"><tbody id="tbody">
          {rows.map((row) => <Row key={row.id} row={row} isSelected={selected === row.id} choose={this.choose} remove={this.remove} />)}
        </tbody></table>
      </div>
    );
  }
}

const app = document.getElementById('app');
if (isHydration) {
  const rows = makeRows(1000);
  window.hydrateRows = () => hydrate(<Main rows={rows} />, app);
} else render(<Main />, app);
