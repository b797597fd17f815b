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
  { path: '/friends', component: () => import('./features/friends/FriendsPage.vue'), meta: { tab: 'friends' } },
  {
    path: '/friends/:person(\\d+)',
    component: () => import('./features/friends/FriendPage.vue'),
    meta: { bare: true },
  },
  { path: '/add/:person(\\d+)', component: () => import('./features/friends/AddPage.vue'), meta: { bare: true } },
  { path: '/packets', component: () => import('./features/packets/PacketsPage.vue'), meta: { tab: 'packets' } },
  { path: '/me', component: () => import('./features/me/MePage.vue'), meta: { tab: 'me' } },
  { path: '/proof', component: () => import('./features/proof/ProofPage.vue'), meta: { bare: true } },
  { path: '/:rest(.*)*', redirect: '/fu' },
]

export const router = createRouter({ history: createWebHashHistory(), routes })
