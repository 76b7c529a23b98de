"""Which words call for which picture, hour, weather and colour."""

from __future__ import annotations

from .colour import Colour, rgb

# Family -> (weight, words). A subject that fills the picture weighs more than a thing that may stand in it.
_SUBJECTS: dict[str, tuple[tuple[int, str], ...]] = {
    "ridges": (
        (4, "mountain ridge peak alps valley hill hills highland summit volcano range massif andes himalaya canyon"),
        (2, "mist haze landscape horizon hike cabin lake view panorama vista"),
    ),
    "pines": ((5, "forest pine fir woods woodland conifer spruce taiga tree trees grove jungle"), (2, "fog deer wolf")),
    "dunes": ((6, "desert dune sahara"), (3, "sand camel caravan arid nomad")),
    "sea": (
        (5, "sea ocean wave coast shore beach sailboat regatta surf bay lagoon tide seascape"),
        (4, "lighthouse ship boat sail yacht island cliff"),
        (2, "sun sunrise sunset horizon moon river water sky whale"),
    ),
    "flats": (
        (8, "flats saltflat mirror-sky"),
        (5, "salt mirror reflection mirrored puddle"),
        (2, "still lonely umbrella calm"),
    ),
    "city": (
        (5, "city skyline skyscraper downtown metropolis tokyo york manhattan cyberpunk tower towers"),
        (2, "night neon street building rooftop urban rain window bridge"),
    ),
    "market": (
        (5, "market harbour harbor bazaar alley lane cobble cobbles lantern lanterns festival"),
        (4, "street village cafe venice stall quay promenade town"),
        (2, "rain wet evening string bicycle people crowd"),
    ),
    "courtyard": (
        (6, "courtyard arch arches arcade cloister portico colonnade patio"),
        (4, "architecture villa temple palace terrace stairs whitewashed museum pavilion monument house"),
        (1, "sphere water noon pool shadow"),
    ),
    "display": (
        (6, "podium pedestal plinth render 3d cosmetic packshot"),
        (4, "product geometric shapes sphere cube cylinder torus studio bottle perfume shoe sneaker watch headphones"),
        (1, "minimal pastel advert brand"),
    ),
    "still": (
        (6, "teapot vase pottery ceramic still-life stilllife jug bowl pitcher"),
        (
            4,
            "fruit lemon apple pear table linen cup kitchen breakfast bread wine food coffee tea candle kettle",
        ),
        (1, "clay cloth folded north light bottle glass"),
    ),
    "stairwell": ((8, "stairwell staircase spiral stairway"), (4, "stair stairs shaft tunnel vortex atrium")),
    "bloom": (
        (7, "dahlia chrysanthemum sunflower mandala lotus"),
        (4, "flower bloom blossom petal rose peony daisy bouquet tulip succulent garden"),
        (1, "paper folded above origami"),
    ),
    "farmland": (
        (7, "field fields farmland vineyard lavender tulips rapeseed plantation"),
        (3, "aerial drone tractor farm crop crops harvest stripe stripes patchwork"),
    ),
    "terrain": (
        (6, "island archipelago atoll map terrain satellite topographic reef"),
        (3, "aerial above drone planet earth"),
    ),
    "greenhouse": (
        (8, "greenhouse glasshouse conservatory orangery"),
        (3, "cabin cottage barn chalet house hut winter snow snowy home christmas glass"),
    ),
    "poster": (
        (8, "poster flyer placard billboard"),
        (4, "typography typographic swiss bauhaus concert gig cover magazine album book headline lettering print"),
        (1, "rings grid type letters layout graphic"),
    ),
    "logo": ((9, "logo logotype emblem wordmark brandmark"), (5, "icon badge mark symbol monogram sticker")),
    "portrait": (
        (7, "portrait selfie headshot face"),
        (
            4,
            "man woman girl boy person sailor grandmother grandfather queen king knight astronaut lady child dancer "
            "musician farmer fisherman captain model character hero heroine wizard samurai",
        ),
        (1, "old young smiling wearing hair beard glasses eyes"),
    ),
    "animal": (
        (7, "cat kitten kitty tomcat dog puppy fox owl bird"),
        (4, "animal pet rabbit bear tiger lion panda horse wolf deer crow"),
    ),
    "papercut": ((6, "papercut layered paper-cut origami collage quilling"), (2, "paper cut layers craft depth")),
    "ink": ((6, "marble marbled ink agate fluid marbling smoke paint"), (2, "abstract swirl texture liquid splash")),
    "silk": ((6, "silk satin fabric drape velvet chrome metallic"), (2, "abstract smooth cloth folds wave glossy")),
    "threads": (
        (6, "flow lines threads hair field-lines generative wind"),
        (2, "abstract line pattern drawing sketch"),
    ),
    "aurora": (
        (7, "aurora borealis northern-lights"),
        (3, "star stars galaxy space cosmos nebula milky constellation night-sky universe iceland arctic"),
    ),
    "signal": ((6, "signal waveform sound frequency pulsar radio audio"), (2, "music noise data line record")),
}

SUBJECTS: dict[str, dict[str, int]] = {
    family: {word: weight for weight, words in groups for word in words.split()} for family, groups in _SUBJECTS.items()
}

# When no word calls for a picture: these suit any sentence.
FALLBACKS = (
    "ridges", "sea", "display", "papercut", "courtyard", "ink", "silk", "still", "threads", "poster", "dunes", "pines",
)  # fmt: skip

_HOURS = {
    "night": "night midnight nocturnal moon moonlit moonlight stars dark nighttime",
    "blue": "blue-hour twilight evening dusk-blue lantern lanterns nightfall gloaming",
    "dusk": "dusk sunset sundown golden-hour afterglow after-sunset",
    "dawn": "dawn sunrise morning daybreak early first-light",
    "noon": "noon day daylight midday sunny bright summer clear spring",
    "fog": "fog foggy mist misty haze hazy overcast cloudy grey gray november quiet silent",
    "snow": "snow snowy winter ice frost frozen blizzard christmas arctic",
    "storm": "storm stormy thunder rain rainy dramatic tempest",
    "neon": "neon cyberpunk synthwave retrowave vaporwave electric",
    "pastel": "pastel soft dreamy candy gentle delicate",
    "gold": "gold golden honey autumn harvest amber warm",
    "mono": "monochrome black-and-white bw noir charcoal greyscale grayscale",
}
HOURS = {word: hour for hour, words in _HOURS.items() for word in words.split()}
# Two words are joined by a hyphen to be found above.
PAIRS = (
    "blue hour", "golden hour", "after sunset", "first light", "mirror sky", "still life", "paper cut", "night sky",
    "northern lights", "black and white", "field lines", "salt flats",
)  # fmt: skip
PAIR_AS = {"salt flats": "saltflat", "black and white": "black-and-white"}

_COLOURS = {
    "red": "#d2352a", "crimson": "#b3202f", "scarlet": "#dd2e1f", "vermilion": "#e2452b", "ruby": "#a81c3c",
    "orange": "#ee7a24", "amber": "#eda02f", "gold": "#e0aa3e", "golden": "#e0aa3e", "yellow": "#f2c230",
    "mustard": "#cf9a2b", "lime": "#a6cf3a", "green": "#2f7d4f", "emerald": "#138a5e", "olive": "#7d8043",
    "sage": "#9bb09a", "mint": "#a5d8c2", "teal": "#12797c", "turquoise": "#2bb5b0", "cyan": "#27b3d1",
    "aqua": "#4cc3c9", "blue": "#2a5db8", "navy": "#1a2a5e", "azure": "#3d8fd6", "cobalt": "#1d3fbf",
    "indigo": "#3d349c", "violet": "#7448c2", "purple": "#7b3fa8", "lavender": "#b0a0dc", "lilac": "#c3a7dd",
    "magenta": "#c92a86", "pink": "#ee8fae", "rose": "#de7f94", "coral": "#f2765f", "salmon": "#f19a86",
    "peach": "#f6b998", "terracotta": "#bd5b3c", "clay": "#b9694a", "copper": "#b3653c", "brown": "#7c5138",
    "chocolate": "#5a3726", "beige": "#ddccb0", "cream": "#f3e8d2", "ivory": "#f4eedd", "sand": "#dcc39a",
    "white": "#f3f1ea", "grey": "#8d9295", "gray": "#8d9295", "silver": "#b8bec2", "black": "#1a1a1c",
}  # fmt: skip
COLOURS: dict[str, Colour] = {word: rgb(code) for word, code in _COLOURS.items()}
# Colours that name a material or a tone of light rather than a wish for the whole picture.
NEUTRAL = frozenset(
    [
        "beige",
        "cream",
        "ivory",
        "sand",
        "white",
        "grey",
        "gray",
        "silver",
        "black",
        "brown",
        "chocolate",
        "gold",
        "golden",
        "amber",
        "clay",
    ]
)

# A colour before one of these paints the thing, not the picture.
THINGS = frozenset(
    [
        "sphere",
        "ball",
        "umbrella",
        "boat",
        "sail",
        "tractor",
        "sun",
        "moon",
        "door",
        "lantern",
        "balloon",
        "dress",
        "scarf",
        "hat",
        "lamp",
        "bird",
        "flower",
        "ring",
        "rings",
        "kite",
        "cup",
        "vase",
        "teapot",
        "apple",
        "car",
        "bicycle",
        "coat",
        "jacket",
        "chair",
        "roof",
        "tulip",
        "petal",
        "letter",
        "type",
        "circle",
        "square",
        "cat",
        "dog",
        "fish",
        "star",
        "bridge",
        "flag",
        "light",
        "house",
        "lighthouse",
        "line",
        "stripe",
        "sweater",
        "eyes",
        "kimono",
        "torii",
        "tent",
        "cube",
    ]
)
GROUNDS = frozenset(["background", "backdrop", "ground", "wall", "paper", "sky"])
FLAGS = {
    "wide": "wide panorama panoramic vast far distant away expansive endless",
    "close": "close closeup macro detail near intimate",
    "above": "above aerial overhead topdown drone flatlay bird's-eye",
    "symmetrical": "symmetrical symmetric symmetry centred centered central strict",
    "minimal": "minimal minimalist simple single empty sparse quiet still lone clean one",
    "rain": "rain rainy wet drizzle puddle puddles storm",
    "snow": "snow snowy snowfall snowing winter blizzard",
    "calm": "calm still quiet serene windless glassy",
}
FLAG_WORDS = {flag: frozenset(words.split()) for flag, words in FLAGS.items()}
