/** The cheat sheet's formulas as MathML, each with the text keys of its letters. */
import { html } from 'lit';

export const formulas = {
  'learning-rate': {
    math: html`<math
      ><mstyle displaystyle="true"
        ><mrow
          ><mi>w</mi><mo>←</mo><mi>w</mi><mo>−</mo><mi>α</mi
          ><mfrac
            ><mrow><mo>∂</mo><mi>L</mi></mrow
            ><mrow><mo>∂</mo><mi>w</mi></mrow></mfrac
          ></mrow
        ></mstyle
      ></math
    >`,
    letters: ['α', '∂L/∂w'],
  },
  optimizer: {
    math: html`<math
      ><mstyle displaystyle="true"
        ><mrow
          ><mi>w</mi><mo>←</mo><mi>w</mi><mo>−</mo><mi>α</mi
          ><mfrac
            ><mover><mi>v</mi><mo>^</mo></mover
            ><mrow
              ><msqrt
                ><mover><mi>s</mi><mo>^</mo></mover></msqrt
              ><mo>+</mo><mi>ε</mi></mrow
            ></mfrac
          ></mrow
        ></mstyle
      ></math
    >`,
    letters: ['v', 's'],
  },
  'mini-batch': {
    math: html`<math
      ><mstyle displaystyle="true"
        ><mrow
          ><mi>L</mi><mo>=</mo><mfrac><mn>1</mn><mi>m</mi></mfrac
          ><munderover
            ><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow
            ><mi>m</mi></munderover
          ><msub><mi>L</mi><mi>i</mi></msub></mrow
        ></mstyle
      ></math
    >`,
    letters: ['m', 'Lᵢ'],
  },
  initialization: {
    math: html`<math
      ><mstyle displaystyle="true"
        ><mrow
          ><mi>w</mi><mo>~</mo><mi>U</mi><mo>(</mo><mo>±</mo
          ><msqrt
            ><mfrac
              ><mn>6</mn
              ><mrow
                ><msub><mi>n</mi><mtext>in</mtext></msub
                ><mo>+</mo><msub><mi>n</mi><mtext>out</mtext></msub></mrow
              ></mfrac
            ></msqrt
          ><mo>)</mo></mrow
        ></mstyle
      ></math
    >`,
    letters: ['n'],
  },
  'batch-normalization': {
    math: html`<math
      ><mstyle displaystyle="true"
        ><mrow
          ><msub><mi>x</mi><mi>i</mi></msub
          ><mo>←</mo><mi>γ</mi
          ><mfrac
            ><mrow
              ><msub><mi>x</mi><mi>i</mi></msub
              ><mo>−</mo><msub><mi>μ</mi><mi>B</mi></msub></mrow
            ><msqrt
              ><mrow
                ><msubsup><mi>σ</mi><mi>B</mi><mn>2</mn></msubsup
                ><mo>+</mo><mi>ε</mi></mrow
              ></msqrt
            ></mfrac
          ><mo>+</mo><mi>β</mi></mrow
        ></mstyle
      ></math
    >`,
    letters: ['μ, σ²', 'γ, β'],
  },
  'cross-entropy': {
    math: html`<math
      ><mrow
        ><mi>L</mi><mo>=</mo><mo>−</mo><mi>log</mi><mo>&#x2061;</mo><msub><mi>p</mi><mi>y</mi></msub></mrow
      ></math
    >`,
    letters: ['p'],
  },
  dropout: {
    math: html`<math
      ><mstyle displaystyle="true"
        ><mrow
          ><mi>x</mi><mo>←</mo
          ><mfrac
            ><mi>b</mi><mrow><mn>1</mn><mo>−</mo><mi>p</mi></mrow></mfrac
          ><mi>x</mi></mrow
        ></mstyle
      ></math
    >`,
    letters: ['b', 'p'],
  },
  l2: {
    math: html`<math
      ><mrow
        ><mi>L</mi><mo>+</mo><msub><mi>λ</mi><mn>1</mn></msub
        ><mo>∑</mo><mo>|</mo><mi>w</mi><mo>|</mo><mo>+</mo><msub><mi>λ</mi><mn>2</mn></msub
        ><mo>∑</mo><msup><mi>w</mi><mn>2</mn></msup></mrow
      ></math
    >`,
    letters: ['λ'],
  },
};
