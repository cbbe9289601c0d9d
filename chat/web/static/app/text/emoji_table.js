// The emoji with names, for `:name:`, completion and the emoji picker. Our own choice.

import { setEmojiTable } from "./emoji.js";

const TABLE = `
smile 😄|grin 😁|joy 😂|rofl 🤣|slight_smile 🙂|wink 😉|blush 😊|innocent 😇|heart_eyes 😍|star_struck 🤩|kiss 😘|yum 😋
tongue 😛|zany 🤪|hug 🤗|thinking 🤔|shush 🤫|zipper_mouth 🤐|raised_eyebrow 🤨|neutral 😐|expressionless 😑|smirk 😏
unamused 😒|eye_roll 🙄|grimace 😬|relieved 😌|pensive 😔|sleepy 😪|sleeping 😴|mask 😷|fever 🤒|nauseated 🤢|sneeze 🤧
hot 🥵|cold 🥶|dizzy 😵|exploding_head 🤯|cowboy 🤠|party_face 🥳|sunglasses 😎|nerd 🤓|confused 😕|worried 😟|frown ☹️
open_mouth 😮|astonished 😲|flushed 😳|pleading 🥺|fearful 😨|cry 😢|sob 😭|scream 😱|disappointed 😞|sweat 😓
sweat_smile 😅|tired 😫|yawn 🥱|triumph 😤|angry 😠|rage 😡|swearing 🤬|skull 💀|poop 💩|clown 🤡|ghost 👻|alien 👽
robot 🤖|see_no_evil 🙈|hear_no_evil 🙉|speak_no_evil 🙊|upside_down 🙃|melting 🫠|salute 🫡|holding_back_tears 🥹
heart ❤️|orange_heart 🧡|yellow_heart 💛|green_heart 💚|blue_heart 💙|purple_heart 💜|black_heart 🖤|white_heart 🤍
broken_heart 💔|sparkling_heart 💖|100 💯|boom 💥|sweat_drops 💦|dash 💨|zzz 💤|speech_balloon 💬|thought_balloon 💭
+1 👍|thumbs_up 👍|-1 👎|thumbs_down 👎|ok_hand 👌|pinch 🤏|victory ✌️|crossed_fingers 🤞|love_you 🤟|metal 🤘
call_me 🤙|point_left 👈|point_right 👉|point_up 👆|point_down 👇|raised_hand ✋|wave 👋|vulcan 🖖|fist ✊|fist_bump 👊
clap 👏|raised_hands 🙌|open_hands 👐|handshake 🤝|pray 🙏|writing ✍️|muscle 💪|brain 🧠|eyes 👀|eye 👁️|ear 👂|shrug 🤷
facepalm 🤦|bow 🙇|run 🏃|walk 🚶|dancer 💃|family 👪|baby 👶|detective 🕵️|ninja 🥷|santa 🎅|dog 🐶|cat 🐱|mouse 🐭
rabbit 🐰|fox 🦊|bear 🐻|panda 🐼|koala 🐨|tiger 🐯|lion 🦁|cow 🐮|pig 🐷|frog 🐸|monkey 🐵|chicken 🐔|penguin 🐧
bird 🐦|duck 🦆|owl 🦉|bat 🦇|wolf 🐺|horse 🐴|unicorn 🦄|bee 🐝|bug 🐛|butterfly 🦋|snail 🐌|ant 🐜|spider 🕷️
turtle 🐢|snake 🐍|octopus 🐙|crab 🦀|fish 🐟|dolphin 🐬|whale 🐳|shark 🦈|elephant 🐘|sloth 🦥|hedgehog 🦔|paw 🐾
dragon 🐉|cactus 🌵|christmas_tree 🎄|evergreen 🌲|palm 🌴|seedling 🌱|herb 🌿|clover 🍀|leaves 🍃|maple_leaf 🍁
mushroom 🍄|tulip 🌷|rose 🌹|sunflower 🌻|blossom 🌼|cherry_blossom 🌸|globe 🌍|moon 🌙|full_moon 🌕|sun ☀️|sun_face 🌞
star ⭐|glowing_star 🌟|sparkles ✨|zap ⚡|fire 🔥|rainbow 🌈|cloud ☁️|rain 🌧️|snow ❄️|snowman ⛄|umbrella ☔|ocean 🌊
droplet 💧|apple 🍎|pear 🍐|orange 🍊|lemon 🍋|banana 🍌|watermelon 🍉|grapes 🍇|strawberry 🍓|cherries 🍒|peach 🍑
pineapple 🍍|avocado 🥑|tomato 🍅|broccoli 🥦|carrot 🥕|corn 🌽|hot_pepper 🌶️|potato 🥔|bread 🍞|croissant 🥐|cheese 🧀
egg 🥚|bacon 🥓|pancakes 🥞|burger 🍔|fries 🍟|pizza 🍕|hotdog 🌭|taco 🌮|burrito 🌯|salad 🥗|spaghetti 🍝|ramen 🍜
sushi 🍣|rice 🍚|dumpling 🥟|cookie 🍪|cake 🍰|birthday 🎂|cupcake 🧁|pie 🥧|chocolate 🍫|candy 🍬|doughnut 🍩
ice_cream 🍨|popcorn 🍿|coffee ☕|tea 🍵|beer 🍺|beers 🍻|wine 🍷|cocktail 🍸|champagne 🍾|clinking 🥂|cup_with_straw 🥤
juice 🧃|salt 🧂|fork_and_knife 🍴|soccer ⚽|basketball 🏀|football 🏈|baseball ⚾|tennis 🎾|volleyball 🏐|rugby 🏉
ping_pong 🏓|badminton 🏸|goal 🥅|golf ⛳|boxing 🥊|ski 🎿|bike 🚲|surfing 🏄|swimming 🏊|trophy 🏆|medal 🏅
first_place 🥇|second_place 🥈|third_place 🥉|dart 🎯|game 🎮|dice 🎲|chess ♟️|jigsaw 🧩|guitar 🎸|piano 🎹|drum 🥁
microphone 🎤|headphones 🎧|musical_note 🎵|notes 🎶|art 🎨|clapper 🎬|ticket 🎫|performing_arts 🎭|car 🚗|taxi 🚕
bus 🚌|truck 🚚|tractor 🚜|police_car 🚓|ambulance 🚑|fire_engine 🚒|motorcycle 🏍️|train 🚆|metro 🚇|airplane ✈️
rocket 🚀|ufo 🛸|helicopter 🚁|sailboat ⛵|ship 🚢|anchor ⚓|construction 🚧|traffic_light 🚦|fuel ⛽|map 🗺️|mountain ⛰️
camping 🏕️|beach 🏖️|house 🏠|office 🏢|factory 🏭|hospital 🏥|school 🏫|castle 🏰|tent ⛺|city 🏙️|bridge 🌉|watch ⌚
phone 📱|computer 💻|keyboard ⌨️|desktop 🖥️|printer 🖨️|floppy 💾|cd 💿|camera 📷|video_camera 📹|tv 📺|radio 📻
battery 🔋|plug 🔌|bulb 💡|flashlight 🔦|candle 🕯️|money 💰|dollar 💵|credit_card 💳|gem 💎|wrench 🔧|hammer 🔨
tools 🛠️|screwdriver 🪛|gear ⚙️|brick 🧱|magnet 🧲|bomb 💣|knife 🔪|shield 🛡️|crystal_ball 🔮|telescope 🔭
microscope 🔬|pill 💊|syringe 💉|dna 🧬|test_tube 🧪|broom 🧹|soap 🧼|key 🔑|door 🚪|bed 🛏️|couch 🛋️|toilet 🚽
shower 🚿|gift 🎁|balloon 🎈|tada 🎉|confetti 🎊|ribbon 🎀|email 📧|envelope ✉️|package 📦|mailbox 📫|scroll 📜|page 📄
chart 📊|chart_up 📈|chart_down 📉|calendar 📅|clipboard 📋|pushpin 📌|paperclip 📎|ruler 📏|scissors ✂️|folder 📁
newspaper 📰|book 📖|books 📚|bookmark 🔖|label 🏷️|link 🔗|memo 📝|pencil ✏️|pen 🖊️|mag 🔍|lock 🔒|unlock 🔓|bell 🔔
no_bell 🔕|megaphone 📣|loudspeaker 📢|hourglass ⌛|alarm ⏰|stopwatch ⏱️|trash 🗑️|crown 👑|top_hat 🎩|glasses 👓
shirt 👕|jeans 👖|dress 👗|sneaker 👟|boot 🥾|backpack 🎒|check ✅|heavy_check ✔️|x ❌|question ❓|exclamation ❗
bangbang ‼️|warning ⚠️|no_entry ⛔|prohibited 🚫|recycle ♻️|infinity ♾️|plus ➕|minus ➖|arrow_up ⬆️|arrow_down ⬇️
arrow_left ⬅️|arrow_right ➡️|back 🔙|soon 🔜|top 🔝|new 🆕|free 🆓|up 🆙|cool 🆒|ok 🆗|sos 🆘|red_circle 🔴
orange_circle 🟠|yellow_circle 🟡|green_circle 🟢|blue_circle 🔵|purple_circle 🟣|black_circle ⚫|white_circle ⚪
white_flag 🏳️|black_flag 🏴|checkered_flag 🏁|triangular_flag 🚩|rainbow_flag 🏳️‍🌈|pirate_flag 🏴‍☠️`;

/** Name -> emoji. @type {Map<string, string>} */
const EMOJI = new Map(TABLE.trim().split(/[|\n]/).map((pair) => /** @type {[string, string]} */ (pair.split(" "))));
setEmojiTable(EMOJI);

/** What the emoji picker shows before the user searches. */
export const FREQUENT = [
  "👍", "❤️", "😂", "🎉", "😮", "😢", "🙏", "👀", "✅", "❌", "🔥", "🚀",
  "👏", "💯", "🤔", "😄", "😅", "🙌", "🥳", "💡", "☕", "👋", "💪", "🐛",
];

/** Names that contain the query: the same name first, then those that begin with it.
 *  @param {string} query @param {number} most @returns {[string, string][]} name and emoji */
export function searchEmoji(query, most) {
  const typed = query.toLowerCase().replaceAll(" ", "_");
  /** @param {[string, string]} entry */
  const rank = ([name]) => (name === typed ? 0 : name.startsWith(typed) ? 1 : 2);
  const found = [...EMOJI].filter(([name]) => name.includes(typed));
  return found.sort((one, other) => rank(one) - rank(other)).slice(0, most);
}
