import { createRouter, createWebHashHistory } from 'vue-router'
import OverviewPage from './pages/OverviewPage.vue'

export const router = createRouter({
  history: createWebHashHistory(),
  routes: [
    { path: '/', component: OverviewPage },
    { path: '/nights/:campaign', component: () => import('./pages/NightPage.vue') },
    { path: '/ties', component: () => import('./pages/TiesPage.vue') },
    { path: '/safety', component: () => import('./pages/SafetyPage.vue') },
    { path: '/system', component: () => import('./pages/SystemPage.vue') },
    { path: '/:rest(.*)', redirect: '/' },
  ],
})
