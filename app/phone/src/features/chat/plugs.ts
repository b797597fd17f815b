/** Brings in every part that plugs into the chat: a folder of ours with plug.ts, another feature with chat-plug.ts. */
import.meta.glob(['./*/plug.ts', '../*/chat-plug.ts'], { eager: true })
