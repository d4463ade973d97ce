import { describeParity } from '../../reference/parity';

describeParity('cpu');
