/** Addresses. Everything that can be shared has one: /#/add/17 adds person 17, /#/k/<token> opens a 口令. */
import { createRouter, createWebHashHistory, type RouteRecordRaw } from 'vue-router'
import FuPage from './features/fu/FuPage.vue'

const routes: RouteRecordRaw[] = [
  { path: '/', redirect: '/fu' },
  { path: '/sign-in', component: () => import('./features/sign-in/SignInPage.vue'), meta: { open: true, bare: true } },
  { path: '/fu', component: FuPage, meta: { tab: 'fu' } },
  { path: '/k/:token', component: FuPage, meta: { tab: 'fu' } },
  { path: '/chat', component: () => import('./features/chat/ChatPage.vue'), meta: { tab: 'chat' } },
  { path: '/chat/:person(\\d+)', component: () => import('./features/chat/ThreadPage.vue'), meta: { bare: true } },
  { path: '/chat/c/:conversation', component: () => import('./features/chat/ThreadPage.vue'), meta: { bare: true } },
  {
    path: '/chat/c/:conversation/about',
    component: () => import('./features/chat/AboutPage.vue'),
    meta: { bare: true },
  },
  { path: '/chat/new', component: () => import('./features/chat/NewGroupPage.vue'), meta: { bare: true } },
  { path: '/chat/join/:invitation', component: () => import('./features/chat/JoinPage.vue'), meta: { bare: true } },
  { path: '/chat/search', component: () => import('./features/chat/SearchPage.vue'), meta: { bare: true } },
  { path: '/chat/strangers', component: () => import('./features/chat/StrangersPage.vue'), meta: { bare: true } },
  { path: '/chat/settings', component: () => import('./features/chat/SettingsPage.vue'), meta: { bare: true } },
  {
    path: '/safety/:person(\\d+)',
    component: () => import('./features/chat/secret/SafetyPage.vue'),
    meta: { bare: true },
  },
  { path: '/friends', component: () => import('./features/friends/FriendsPage.vue'), meta: { tab: 'friends' } },
  {
    path: '/friends/:person(\\d+)',
    component: () => import('./features/friends/FriendPage.vue'),
    meta: { bare: true },
  },
  { path: '/friends/requests', component: () => import('./features/friends/RequestsPage.vue'), meta: { bare: true } },
  {
    path: '/friends/suggestions',
    component: () => import('./features/friends/SuggestionsPage.vue'),
    meta: { bare: true },
  },
  { path: '/friends/groups', component: () => import('./features/friends/CirclesPage.vue'), meta: { bare: true } },
  { path: '/friends/code', component: () => import('./features/friends/CodePage.vue'), meta: { bare: true } },
  { path: '/friends/scan', component: () => import('./features/friends/ScanPage.vue'), meta: { bare: true } },
  { path: '/i/:code', component: () => import('./features/friends/InvitedPage.vue'), meta: { open: true, bare: true } },
  { path: '/add/:person(\\d+)', component: () => import('./features/friends/AddPage.vue'), meta: { bare: true } },
  { path: '/packets', component: () => import('./features/packets/PacketsPage.vue'), meta: { tab: 'packets' } },
  { path: '/packets/send', component: () => import('./features/packets/SendPage.vue'), meta: { bare: true } },
  { path: '/packets/history', component: () => import('./features/packets/HistoryPage.vue'), meta: { bare: true } },
  {
    path: '/packets/:packet([0-9a-f-]{36})',
    component: () => import('./features/packets/PacketPage.vue'),
    meta: { bare: true },
  },
  {
    path: '/packets/:packet([0-9a-f-]{36})/proof',
    component: () => import('./features/packets/SplitPage.vue'),
    meta: { bare: true },
  },
  { path: '/photos', component: () => import('./features/photos/PhotosPage.vue'), meta: { bare: true } },
  { path: '/photos/post', component: () => import('./features/photos/PostPage.vue'), meta: { bare: true } },
  { path: '/photos/l/:link', component: () => import('./features/photos/LinkPage.vue'), meta: { bare: true } },
  {
    path: '/photos/:photo([0-9a-f-]{36})',
    component: () => import('./features/photos/PhotoPage.vue'),
    meta: { bare: true },
  },
  {
    path: '/photos/:photo([0-9a-f-]{36})/proof',
    component: () => import('./features/photos/DrawPage.vue'),
    meta: { bare: true },
  },
  { path: '/p/:link', component: () => import('./features/packets/LinkPage.vue'), meta: { bare: true } },
  { path: '/me', component: () => import('./features/me/MePage.vue'), meta: { tab: 'me' } },
  { path: '/me/data', component: () => import('./features/me/DataPage.vue'), meta: { bare: true } },
  { path: '/me/privacy', component: () => import('./features/me/PrivacyPage.vue'), meta: { bare: true } },
  { path: '/proof', component: () => import('./features/proof/ProofPage.vue'), meta: { bare: true } },
  { path: '/:rest(.*)*', redirect: '/fu' },
]

export const router = createRouter({ history: createWebHashHistory(), routes })
