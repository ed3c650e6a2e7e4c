import { postPhoto } from '../../api/member';
import { Refusal } from '../../api/refusal';

const most = 3;
const largest = 5 * 1024 * 1024;

interface Photo {
  id: string;
  path: string;
}

/** Up to three photos, each sent when it is chosen; the page gets their ids. */
Component({
  data: { photos: [] as Photo[], busy: false, full: false },
  methods: {
    async add() {
      if (this.data.busy) return;
      const path = await choose();
      if (!path) return;
      this.setData({ busy: true });
      try {
        this.take([...this.data.photos, { id: await postPhoto(path), path }]);
      } catch (thrown) {
        wx.showToast({ title: Refusal.words(thrown), icon: 'none' });
      } finally {
        this.setData({ busy: false });
      }
    },
    drop(event: WechatMiniprogram.TouchEvent) {
      this.take(this.data.photos.filter(photo => photo.id !== event.currentTarget.dataset.id));
    },
    take(photos: Photo[]) {
      this.setData({ photos, full: photos.length >= most });
      this.triggerEvent('change', { ids: photos.map(photo => photo.id) });
    },
  },
});

function choose(): Promise<string | null> {
  return new Promise(resolve => {
    wx.chooseMedia({
      count: 1,
      mediaType: ['image'],
      sizeType: ['compressed'],
      success: ({ tempFiles: [file] }) => {
        if (file.size <= largest) return resolve(file.tempFilePath);
        wx.showToast({ title: '照片不能超过 5 MB', icon: 'none' });
        resolve(null);
      },
      fail: () => resolve(null),
    });
  });
}
