/** One at a time: while `act` is at work, any number of further calls become one, which follows. So no queue grows, and the last wish is granted. */
export function newest(act) {
  let busy = false;
  let again = false;
  return async () => {
    again = true;
    if (busy) return;
    busy = true;
    try {
      while (again) {
        again = false;
        await act();
      }
    } finally {
      busy = false;
    }
  };
}
