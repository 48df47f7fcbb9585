// The same of Keras: networks as public tutorials show them, retyped in our own words and numbers.

const kImports = 'import tensorflow as tf\nfrom tensorflow import keras\nfrom tensorflow.keras import layers\n';

/** @type {Record<string, { text: string, opens?: number, misses?: string[] }>} */
export const kerasTexts = {
  'the quickstart on digits': {
    text: `${kImports}
model = tf.keras.models.Sequential([
  tf.keras.layers.Flatten(input_shape=(28, 28)),
  tf.keras.layers.Dense(100, activation='relu'),
  tf.keras.layers.Dropout(0.3),
  tf.keras.layers.Dense(10)
])
predictions = model(x_train[:1]).numpy()
loss_fn = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(optimizer='adam', loss=loss_fn, metrics=['accuracy'])
model.fit(x_train, y_train, epochs=4)
probability_model = tf.keras.Sequential([
  model,
  tf.keras.layers.Softmax()
])`,
    opens: 4,
  },
  'the simple convnet': {
    text: `${kImports}
num_classes = 10
input_shape = (28, 28, 1)
model = keras.Sequential(
    [
        keras.Input(shape=input_shape),
        layers.Conv2D(24, kernel_size=(3, 3), activation="relu"),
        layers.MaxPooling2D(pool_size=(2, 2)),
        layers.Conv2D(48, kernel_size=(3, 3), activation="relu"),
        layers.MaxPooling2D(pool_size=(2, 2)),
        layers.Flatten(),
        layers.Dropout(0.4),
        layers.Dense(num_classes, activation="softmax"),
    ]
)
model.summary()`,
    opens: 7,
  },
  'small colour pictures, added one by one': {
    text: `${kImports}
from tensorflow.keras import datasets, models
(train_images, train_labels), (test_images, test_labels) = datasets.cifar10.load_data()
train_images, test_images = train_images / 255.0, test_images / 255.0

model = models.Sequential()
model.add(layers.Conv2D(32, (3, 3), activation='relu', input_shape=(32, 32, 3)))
model.add(layers.MaxPooling2D((2, 2)))
model.add(layers.Conv2D(60, (3, 3), activation='relu'))
model.add(layers.MaxPooling2D((2, 2)))
model.add(layers.Conv2D(60, (3, 3), activation='relu'))
model.add(layers.Flatten())
model.add(layers.Dense(50, activation='relu'))
model.add(layers.Dense(10))
history = model.fit(train_images, train_labels, epochs=5)
plt.plot(history.history['accuracy'], label='accuracy')`,
    opens: 8,
  },
  clothes: {
    text: `${kImports}
model = keras.Sequential([
    keras.layers.Flatten(input_shape=(28, 28)),
    keras.layers.Dense(120, activation=tf.nn.relu),
    keras.layers.Dense(10, activation=tf.nn.softmax)
])`,
    opens: 3,
  },
  'flowers with augmentation': {
    text: `${kImports}
from tensorflow.keras.models import Sequential
img_height, img_width, num_classes = 160, 160, 5
data_augmentation = keras.Sequential([
    layers.RandomFlip("horizontal", input_shape=(img_height, img_width, 3)),
    layers.RandomRotation(0.1),
    layers.RandomZoom(0.1),
])
model = Sequential([
  data_augmentation,
  layers.Rescaling(1./255),
  layers.Conv2D(16, 3, padding='same', activation='relu'),
  layers.MaxPooling2D(),
  layers.Conv2D(32, 3, padding='same', activation='relu'),
  layers.MaxPooling2D(),
  layers.Dropout(0.2),
  layers.Flatten(),
  layers.Dense(100, activation='relu'),
  layers.Dense(num_classes, name="outputs")
])`,
    opens: 8,
  },
  'against overfitting': {
    text: `${kImports}
from tensorflow.keras import regularizers
FEATURES = 28
model = tf.keras.Sequential([
    layers.Dense(256, activation='elu', kernel_regularizer=regularizers.l2(0.0001), input_shape=(FEATURES,)),
    layers.Dropout(0.5),
    layers.Dense(256, activation='elu', kernel_regularizer=regularizers.l2(0.0001)),
    layers.Dropout(0.5),
    layers.Dense(1)
])`,
    opens: 5,
  },
  'miles per gallon, normalized in the network': {
    text: `${kImports}
import numpy as np
normalizer = tf.keras.layers.Normalization(axis=-1)
normalizer.adapt(np.array(train_features))
def build_and_compile_model(norm):
  model = keras.Sequential([
      norm,
      layers.Dense(60, activation='relu'),
      layers.Dense(60, activation='relu'),
      layers.Dense(1)
  ])
  model.compile(loss='mean_absolute_error', optimizer=tf.keras.optimizers.Adam(0.001))
  return model
dnn_model = build_and_compile_model(normalizer)`,
    opens: 3,
  },
  'diabetes, yes or no': {
    text: `from keras.models import Sequential
from keras.layers import Dense
model = Sequential()
model.add(Dense(14, input_dim=8, kernel_initializer='he_normal', activation='relu'))
model.add(Dense(9, activation='relu'))
model.add(Dense(1, activation='sigmoid'))
model.compile(loss='binary_crossentropy', optimizer='adam', metrics=['accuracy'])`,
    opens: 3,
  },
  'flowers by four numbers, in a function': {
    text: `from keras.models import Sequential
from keras.layers import Dense, Activation

def baseline_model():
    model = Sequential()
    model.add(Dense(8, input_shape=(4,)))
    model.add(Activation('relu'))
    model.add(Dense(3))
    model.add(Activation('softmax'))
    model.compile(loss='categorical_crossentropy', optimizer='adam')
    return model

estimator = KerasClassifier(build_fn=baseline_model, epochs=100)`,
    opens: 2,
  },
  'convolutions with batch norm and dropout': {
    text: `${kImports}
weight_decay = 1e-4
model = keras.Sequential()
model.add(layers.Conv2D(32, (3,3), padding='same', kernel_regularizer=keras.regularizers.l2(weight_decay), input_shape=(32, 32, 3)))
model.add(layers.Activation('elu'))
model.add(layers.BatchNormalization())
model.add(layers.Conv2D(32, (3,3), padding='same', kernel_regularizer=keras.regularizers.l2(weight_decay)))
model.add(layers.Activation('elu'))
model.add(layers.BatchNormalization())
model.add(layers.MaxPooling2D(pool_size=(2,2)))
model.add(layers.Dropout(0.2))
model.add(layers.Flatten())
model.add(layers.Dense(10, activation='softmax'))`,
    opens: 8,
  },
  'a functional model': {
    text: `${kImports}
inputs = keras.Input(shape=(784,), name="digits")
x = layers.Dense(50, activation="relu", name="dense_1")(inputs)
x = layers.Dense(50, activation="relu", name="dense_2")(x)
outputs = layers.Dense(10, activation="softmax", name="predictions")(x)
model = keras.Model(inputs=inputs, outputs=outputs)`,
    opens: 3,
  },
  'a functional toy with skips': {
    text: `${kImports}
inputs = keras.Input(shape=(32, 32, 3), name="img")
x = layers.Conv2D(20, 3, activation="relu")(inputs)
block_1 = layers.MaxPooling2D(3)(x)
x = layers.Conv2D(20, 3, activation="relu", padding="same")(block_1)
x = layers.Conv2D(20, 3, activation="relu", padding="same")(x)
block_2 = layers.add([x, block_1])
x = layers.GlobalAveragePooling2D()(block_2)
x = layers.Dropout(0.5)(x)
outputs = layers.Dense(10)(x)
model = keras.Model(inputs, outputs, name="toy")`,
    opens: 6,
  },
  'separable convolutions': {
    text: `${kImports}
model = keras.Sequential([
    layers.Input((40, 40, 3)),
    layers.Rescaling(scale=1./127.5, offset=-1),
    layers.SeparableConv2D(24, 3, padding="same", use_bias=False), layers.BatchNormalization(), layers.ReLU(),
    layers.DepthwiseConv2D(3, strides=2, padding="same"), layers.LeakyReLU(0.1),
    layers.GlobalAveragePooling2D(), layers.Dense(4, activation="softmax")])`,
    opens: 9,
  },
  'blocks in a loop': {
    text: `${kImports}
def make_model(input_shape, num_classes):
    inputs = keras.Input(shape=input_shape)
    x = layers.Rescaling(1.0 / 255)(inputs)
    x = layers.Conv2D(64, 3, strides=2, padding="same")(x)
    for size in [128, 256]:
        x = layers.SeparableConv2D(size, 3, padding="same")(x)
        x = layers.BatchNormalization()(x)
    x = layers.GlobalAveragePooling2D()(x)
    outputs = layers.Dense(num_classes)(x)
    return keras.Model(inputs, outputs)
model = make_model(input_shape=(90, 90, 3), num_classes=2)`,
    misses: ['line 9'],
  },
  'reviews by an embedding': {
    text: `${kImports}
model = keras.Sequential([
    layers.Embedding(5000, 16),
    layers.GlobalAveragePooling1D(),
    layers.Dense(16, activation='relu'),
    layers.Dense(1, activation='sigmoid')])`,
    misses: ['line 6 (Embedding)', 'line 7 (GlobalAveragePooling1D)'],
  },
  'reviews by an LSTM in two directions': {
    text: `${kImports}
model = tf.keras.Sequential([
    encoder,
    tf.keras.layers.Embedding(input_dim=1000, output_dim=64, mask_zero=True),
    tf.keras.layers.Bidirectional(tf.keras.layers.LSTM(64)),
    tf.keras.layers.Dense(64, activation='relu'),
    tf.keras.layers.Dense(1)
])`,
    misses: ['line 6', 'line 7 (Embedding)', 'line 8 (Bidirectional)'],
  },
  'a network that others have trained': {
    text: `${kImports}
base = keras.applications.MobileNetV2(input_shape=(160, 160, 3), include_top=False)
model = keras.Sequential([base, layers.GlobalAveragePooling2D(), layers.Dense(5)])`,
    misses: ['line 5 (keras.applications.MobileNetV2)'],
  },
};
