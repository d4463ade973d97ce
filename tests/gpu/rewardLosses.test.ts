import { describeEveryLoss } from '../unit/reward/losses/everyLoss';

describeEveryLoss({ prefer: 'webgpu' });
