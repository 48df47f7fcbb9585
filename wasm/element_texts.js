// The words of <train-ground>, in the language of the page around it.

const number = (/** @type {number} */ value) => value.toPrecision(3);

/** @typedef {typeof english} Texts */
const english = {
  opening: 'Opening …',
  ready: 'Train',
  training: 'Pause',
  paused: 'Go on',
  ended: 'Train again',
  failed: 'Train',
  progress: 'Epochs',
  accuracy: 'of what it never saw is right',
  loss: 'loss on what it never saw',
  noCurve: 'The loss of each epoch will be drawn here',
  draw: 'Draw here, and see what it says',
  clear: 'Clear',
  choose: 'Choose a picture',
  says: 'What it says',
  epoch: (/** @type {number} */ at, /** @type {number} */ of) => `epoch ${at} of ${of}`,
  data: (/** @type {string} */ name, /** @type {import('./index.d.ts').StartEvent} */ start) =>
    `${name}: ${start.samples} to learn from, ${start.validationSamples} held back`,
  curve: (/** @type {number} */ loss, /** @type {number} */ held) =>
    `Loss by epoch, now ${number(loss)} on what it learns from and ${number(held)} on what is held back`,
};

/** @type {Texts} */
const chinese = {
  opening: '正在打开……',
  ready: '训练',
  training: '暂停',
  paused: '继续',
  ended: '重新训练',
  failed: '训练',
  progress: '轮次',
  accuracy: '的未见样本回答正确',
  loss: '未见样本上的损失',
  noCurve: '每轮的损失会画在这里',
  draw: '在这里画，看它怎么说',
  clear: '清除',
  choose: '选择图片',
  says: '它的回答',
  epoch: (at, of) => `第 ${at} 轮，共 ${of} 轮`,
  data: (name, start) => `${name}：${start.samples} 个用于学习，${start.validationSamples} 个留出`,
  curve: (loss, held) => `各轮损失，目前学习样本 ${number(loss)}，留出样本 ${number(held)}`,
};

/** @param {string} language  a tag, as of `lang` */
export const textsFor = (language) => (/^zh\b/i.test(language) ? chinese : english);
