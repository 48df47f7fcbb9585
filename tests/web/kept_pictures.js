// What the page writes down of own pictures: functions that are run in it.

/** What is kept in this browser: the bursts of each class's pictures, and how many are left out of training; null: nothing yet. */
export const keptPictures = () =>
  new Promise((done) => {
    const request = indexedDB.open('trainground');
    request.onsuccess = () => {
      const all = request.result.transaction('kept').objectStore('kept').getAll();
      all.onsuccess = () => {
        request.result.close();
        const own = all.result.find((one) => one.classes);
        const burstsOf = ({ pictures }) => pictures.map(({ burst }) => burst);
        done(own ? { bursts: own.classes.map(burstsOf), left: own.left.length } : null);
      };
    };
  });

/** From now on counts in `window.written` how often a run is written down, and how often pictures are. */
export function countWritten() {
  const { put } = IDBObjectStore.prototype;
  const written = (window.written = { runs: 0, pictures: 0 });
  IDBObjectStore.prototype.put = function (value, key) {
    if (value.checkpoint) written.runs += 1;
    if (value.classes) written.pictures += 1;
    return put.call(this, value, key);
  };
}
