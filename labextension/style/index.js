import './base.css';
import './result.css';
import './sql-cells.css';
import './promote.css';
import './jobs.css';
import './graph.css';
import './lineage.css';
import './experiments.css';
