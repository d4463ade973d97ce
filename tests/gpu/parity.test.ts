import { describeParity } from '../reference/parity';

describeParity('webgpu');
