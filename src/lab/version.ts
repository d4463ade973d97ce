import { version } from '../../package.json';

/** Version of the lab, recorded in every run. */
export const LAB_VERSION: string = version;
