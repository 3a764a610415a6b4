import { type SqlAccess, SqlStudioReads } from './sql-studio-reads.ts';
import { SqlStudioRecords } from './sql-studio-records.ts';
import type { StudioRecords, StudioStore } from './studio-store.ts';

/** What is remembered of studios, in Postgres. */
export class SqlStudioStore extends SqlStudioReads implements StudioStore {
  transact<T>(work: (records: StudioRecords) => Promise<T>): Promise<T> {
    return this.access.ask((database) =>
      database.transaction((transaction) => {
        const access: SqlAccess = {
          ask: async (statement) => statement(transaction),
          read: this.access.read,
        };
        return work(new SqlStudioRecords(access));
      }),
    );
  }
}
