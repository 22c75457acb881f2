/** What the health route answers. */

export type { ServiceHealth as IService, RecentFailure as IFailure, Health as IHealth } from '../frame/routes';
