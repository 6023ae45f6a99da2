/** The emoji at hand. Anything else comes from the keyboard. */
export const emojiGroups = [
  {
    name: "nature",
    emoji:
      "🌿 🌸 🍃 ☀️ 🌧️ 🐦 🌱 🌳 🌲 🍂 🍁 🌻 🌼 🌷 🌾 🍄 🌙 ⭐ 🌈 ❄️ 🔥 🌊 🦊 🦉 🦌 🐝 🦋 🐌 🐸 🐈 🐕 🌍",
  },
  {
    name: "faces",
    emoji:
      "😀 😄 😁 😅 😂 🙂 😉 😊 😇 😍 🥰 😘 😋 😜 🤗 🤔 🤫 😐 🙄 😏 😴 😌 😔 😢 😭 😤 😡 😱 😳 🥳 😎 🤯",
  },
  {
    name: "hands",
    emoji: "👍 👎 👌 ✌️ 🤞 👋 🙌 👏 🙏 💪 🤝 👀 ❤️ 🧡 💛 💚 💙 🤎 🖤 🤍 💔 💯",
  },
  {
    name: "things",
    emoji: "☕ 🍵 🍞 🍎 🍓 🍰 🍷 🍲 🎂 🎁 🎉 🎈 🎵 📷 📚 ✏️ 💡 🕯️ 🔑 🏠 🚲 🚆 ⏰ ✅ ❌ ❓ ❗",
  },
] as const;

/** Reactions within one press. */
export const quickEmoji = ["👍", "❤️", "😂", "🌿", "🌸", "☀️"] as const;
