// Networks as public tutorials of PyTorch show them, retyped in our own words and numbers. `opens`: how many layers there are here; `misses`: the lines
// that are named instead.

const kImports = 'import torch\nfrom torch import nn\nimport torch.nn.functional as F\n';

/** @type {Record<string, { text: string, shape?: number[], opens?: number, misses?: string[] }>} */
export const torchTexts = {
  'digits by a Sequential': {
    text: `model = nn.Sequential(nn.Linear(784, 96), nn.ReLU(), nn.Linear(96, 48), nn.ReLU(), nn.Linear(48, 10), nn.LogSoftmax(dim=1))
criterion = nn.NLLLoss()`,
    shape: [1, 1, 784],
    opens: 3,
  },
  'the quickstart on clothes': {
    text: `${kImports}
device = "cuda" if torch.cuda.is_available() else "cpu"

class ClothesNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.to_row = nn.Flatten()
        self.stack = nn.Sequential(
            nn.Linear(28 * 28, 300),
            nn.ReLU(),
            nn.Linear(300, 150),
            nn.ReLU(),
            nn.Linear(150, 10),
        )

    def forward(self, x):
        x = self.to_row(x)
        logits = self.stack(x)
        return logits

model = ClothesNet().to(device)
print(model)`,
    shape: [28, 28, 1],
    opens: 4,
  },
  'small colour pictures in a blitz': {
    text: `${kImports}
class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.conv1 = nn.Conv2d(3, 8, 5)
        self.pool = nn.MaxPool2d(2, 2)
        self.conv2 = nn.Conv2d(8, 20, 5)
        self.fc1 = nn.Linear(20 * 5 * 5, 110)
        self.fc2 = nn.Linear(110, 70)
        self.fc3 = nn.Linear(70, 10)

    def forward(self, x):
        x = self.pool(F.relu(self.conv1(x)))
        x = self.pool(F.relu(self.conv2(x)))
        x = torch.flatten(x, 1)  # all but the batch
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        x = self.fc3(x)
        return x

net = Net()
for epoch in range(3):
    for i, (inputs, labels) in enumerate(loader, 0):
        loss = F.cross_entropy(net(inputs), labels)
        print(f'[{epoch + 1}] {loss.item():.3f}')`,
    shape: [32, 32, 3],
    opens: 8,
  },
  'LeNet of 1998': {
    text: `class LeNet5(nn.Module):
    def __init__(self, n_classes=10):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 6, kernel_size=5), nn.Tanh(), nn.AvgPool2d(kernel_size=2),
            nn.Conv2d(6, 16, kernel_size=5), nn.Tanh(), nn.AvgPool2d(kernel_size=2),
            nn.Conv2d(16, 120, kernel_size=5), nn.Tanh())
        self.classifier = nn.Sequential(nn.Linear(120, 84), nn.Tanh(), nn.Linear(84, n_classes))

    def forward(self, img):
        maps = self.features(img)
        row = torch.flatten(maps, 1)
        return self.classifier(row)`,
    shape: [32, 32, 1],
    opens: 8,
  },
  'the basic example on digits': {
    text: `${kImports}
class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.conv1 = nn.Conv2d(1, 24, 3, 1)
        self.conv2 = nn.Conv2d(24, 48, 3, 1)
        self.dropout1 = nn.Dropout(0.3)
        self.dropout2 = nn.Dropout(0.4)
        self.fc1 = nn.Linear(6912, 100)
        self.fc2 = nn.Linear(100, 10)

    def forward(self, x):
        x = self.conv1(x)
        x = F.relu(x)
        x = self.conv2(x)
        x = F.relu(x)
        x = F.max_pool2d(x, 2)
        x = self.dropout1(x)
        x = torch.flatten(x, 1)
        x = self.fc1(x)
        x = F.relu(x)
        x = self.dropout2(x)
        x = self.fc2(x)
        output = F.log_softmax(x, dim=1)
        return output

def train(args, model, loader):
    model.train()
    for data, target in loader:
        loss = F.nll_loss(model(data), target)
        loss.backward()`,
    shape: [28, 28, 1],
    opens: 8,
  },
  'names by an OrderedDict': {
    text: `from collections import OrderedDict
model = nn.Sequential(OrderedDict([
    ('conv', nn.Conv2d(1, 12, 5, padding=2)),
    ('relu', nn.ReLU()),
    ('pool', nn.MaxPool2d(2)),
    ('flat', nn.Flatten()),
    ('out', nn.Linear(12 * 14 * 14, 10)),
]))`,
    shape: [28, 28, 1],
    opens: 4,
  },
  'a small VGG': {
    text: `model = nn.Sequential(
    nn.Conv2d(3, 24, 3, padding=1), nn.BatchNorm2d(24), nn.ReLU(inplace=True),
    nn.Conv2d(24, 24, 3, padding=1), nn.BatchNorm2d(24), nn.ReLU(inplace=True), nn.MaxPool2d(2),
    nn.Conv2d(24, 48, 3, padding=1), nn.BatchNorm2d(48), nn.ReLU(inplace=True), nn.MaxPool2d(2),
    nn.AdaptiveAvgPool2d((1, 1)), nn.Flatten(), nn.Dropout(p=0.4), nn.Linear(48, 10))`,
    shape: [16, 18, 3],
    opens: 14,
  },
  'blocks made by a function': {
    text: `${kImports}
def conv(ni, nf, ks=3, act=True):
    layer = nn.Conv2d(ni, nf, stride=2, kernel_size=ks, padding=ks//2)
    if act: layer = nn.Sequential(layer, nn.ReLU())
    return layer

simple_cnn = nn.Sequential(conv(1, 6), conv(6, 12), conv(12, 24), conv(24, 48), conv(48, 10, act=False), nn.Flatten())`,
    shape: [28, 28, 1],
    opens: 6,
  },
  'flowers by four numbers': {
    text: `${kImports}
class Iris(nn.Module):
    def __init__(self, in_features=4, h1=9, h2=7, out_features=3):
        super().__init__()
        self.fc1 = nn.Linear(in_features, h1)
        self.fc2 = nn.Linear(h1, h2)
        self.out = nn.Linear(h2, out_features)
    def forward(self, x):
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return self.out(x)
torch.manual_seed(32)
model = Iris()`,
    shape: [1, 1, 4],
    opens: 3,
  },
  'prices of houses': {
    text: `model = nn.Sequential(
    nn.Linear(8, 30),
    nn.ReLU(),
    nn.Linear(30, 10),
    nn.ReLU(),
    nn.Linear(10, 1)
)
loss_fn = nn.MSELoss()`,
    shape: [1, 1, 8],
    opens: 3,
  },
  'yes or no': {
    text: `class Binary(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden1 = nn.Linear(8, 14)
        self.act1 = nn.ReLU()
        self.hidden2 = nn.Linear(14, 9)
        self.act2 = nn.ReLU()
        self.output = nn.Linear(9, 1)
        self.act_output = nn.Sigmoid()

    def forward(self, x):
        x = self.act1(self.hidden1(x))
        x = self.act2(self.hidden2(x))
        x = self.act_output(self.output(x))
        return x
model = Binary()
loss_fn = nn.BCELoss()`,
    shape: [1, 1, 8],
    opens: 3,
  },
  'rows with batch norm and dropout': {
    text: `def block(i, o, p):
    return [nn.Linear(i, o), nn.BatchNorm1d(o), nn.ReLU(), nn.Dropout(p)]
net = nn.Sequential(*block(13, 64, 0.2), *block(64, 32, 0.1), nn.Linear(32, 1))`,
    shape: [1, 1, 13],
    opens: 9,
  },
  'depthwise and pointwise': {
    text: `def separable(i, o, stride):
    return nn.Sequential(
        nn.Conv2d(i, i, 3, stride, 1, groups=i, bias=False), nn.BatchNorm2d(i), nn.ReLU6(),
        nn.Conv2d(i, o, 1, 1, 0, bias=False), nn.BatchNorm2d(o), nn.ReLU6())
model = nn.Sequential(nn.Conv2d(3, 16, 3, 2, 1), separable(16, 32, 1), separable(32, 64, 2),
                      nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 5))`,
    shape: [20, 22, 3],
    opens: 15,
  },
  'rows of a picture by view': {
    text: `class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 10, kernel_size=5)
        self.conv2 = nn.Conv2d(10, 20, kernel_size=5)
        self.conv2_drop = nn.Dropout2d()
        self.fc1 = nn.Linear(320, 50)
        self.fc2 = nn.Linear(50, 10)
    def forward(self, x):
        x = F.relu(F.max_pool2d(self.conv1(x), 2))
        x = F.relu(F.max_pool2d(self.conv2_drop(self.conv2(x)), 2))
        x = x.view(-1, 320)
        x = F.relu(self.fc1(x))
        x = F.dropout(x, training=self.training)
        x = self.fc2(x)
        return F.log_softmax(x, dim=-1)`,
    shape: [28, 28, 1],
    opens: 11,
  },
  'a block with a skip': {
    text: `class Block(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
    def forward(self, x):
        identity = x
        out = F.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        out += identity
        return F.relu(out)
net = nn.Sequential(nn.Conv2d(3, 16, 3, padding=1), Block(16), Block(16), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 10))`,
    shape: [12, 12, 3],
    opens: 7,
  },
  'a skip with a strided convolution and batch norm': {
    text: `class Block(nn.Module):
    def __init__(self, inside, outside):
        super().__init__()
        self.main = nn.Sequential(nn.Conv2d(inside, outside, 3, 2, 1), nn.BatchNorm2d(outside))
        self.downsample = nn.Sequential(nn.Conv2d(inside, outside, 1, 2, bias=False), nn.BatchNorm2d(outside))
    def forward(self, x):
        return F.relu(self.main(x) + self.downsample(x))
net = nn.Sequential(nn.Conv2d(3, 8, 3), Block(8, 16), nn.Flatten(), nn.Linear(3600, 10))`,
    misses: ['line 7'],
  },
  'sentences by an LSTM': {
    text: `class Tagger(nn.Module):
    def __init__(self, words, dim, hidden, tags):
        super().__init__()
        self.embed = nn.Embedding(words, dim)
        self.lstm = nn.LSTM(dim, hidden)
        self.out = nn.Linear(hidden, tags)
    def forward(self, sentence):
        x = self.embed(sentence)
        x, _ = self.lstm(x.view(len(sentence), 1, -1))
        return F.log_softmax(self.out(x.view(len(sentence), -1)), dim=1)
model = Tagger(500, 6, 6, 3)`,
    misses: ['line 4 (nn.Embedding)', 'line 9 (view)', 'line 5 (nn.LSTM)', 'line 9'],
  },
  'words by a Sequential of recurrent layers': {
    text: `model = nn.Sequential(
    nn.Embedding(1000, 32),
    nn.LSTM(32, 64, batch_first=True),
    nn.Linear(64, 2))`,
    misses: ['line 2 (nn.Embedding)', 'line 3 (nn.LSTM)'],
  },
  'a Transformer': {
    text: `class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Linear(16, 32)
        self.encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(d_model=32, nhead=4), num_layers=2)
        self.norm = nn.LayerNorm(32)
        self.head = nn.Linear(32, 2)
    def forward(self, x):
        return self.head(self.norm(self.encoder(self.embed(x))))
model = Model()`,
    misses: ['line 5 (nn.TransformerEncoder)', 'line 6 (nn.LayerNorm)'],
  },
  'layers in a loop': {
    text: `class MLP(nn.Module):
    def __init__(self, sizes=(10, 20, 20, 2)):
        super().__init__()
        self.layers = nn.ModuleList()
        for i in range(len(sizes) - 1):
            self.layers.append(nn.Linear(sizes[i], sizes[i + 1]))
    def forward(self, x):
        for layer in self.layers:
            x = torch.relu(layer(x))
        return x`,
    misses: ['line 5', 'line 8'],
  },
};
