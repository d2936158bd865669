/**
 * An API that takes nothing from who may not write any more.
 *
 * A process that was stopped for a minute (a debugger, a host that swaps) gets to what came over the network meanwhile before its timers tell it
 * that it leads no more. So each write asks the clock, right before it leaves. What is on its way by then is bounded by the two seconds
 * between the leader's deadline and the end of its lease (kube/lease.ts).
 */
import { type KubeApi, KubeError } from '../kube/types.ts';

/** The API whose writes are refused, without being sent, while `mayWrite` says no. */
export function fencedApi(api: KubeApi, mayWrite: () => boolean): KubeApi {
  const fenced =
    <A extends readonly unknown[], R>(call: (...args: A) => Promise<R>) =>
    (...args: A): Promise<R> =>
      mayWrite() ? call(...args) : Promise.reject(new KubeError('this controller leads no more', 0, 'NotLeading'));
  return {
    list: api.list.bind(api),
    watch: api.watch.bind(api),
    get: api.get.bind(api),
    create: fenced(api.create.bind(api)),
    replace: fenced(api.replace.bind(api)),
    patch: fenced(api.patch.bind(api)),
    delete: fenced(api.delete.bind(api)),
  };
}
