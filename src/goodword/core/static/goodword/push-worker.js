/* Woken by the browser when the desk has something to tell; it keeps nothing. */
self.addEventListener('push', event => {
  const { title, body, path, tag } = event.data.json();
  event.waitUntil(self.registration.showNotification(title, { body, tag, data: { path }, icon: '/static/goodword/favicon.svg' }));
});

self.addEventListener('notificationclick', event => {
  event.notification.close();
  const url = new URL(event.notification.data.path, self.location.origin).href;
  event.waitUntil((async () => {
    const open = await self.clients.matchAll({ type: 'window' });
    const there = open.find(client => client.url === url);
    return there ? there.focus() : self.clients.openWindow(url);
  })());
});
